using Belljar.Sandboxes.Privileges;

namespace Belljar.Sandboxes.Tests.Privileges;

public class PathViewTests
{
    [Fact]
    public void Plan_WithNothingInTheWay_MountsNothing()
    {
        Assert.False(PathView.Plan(["/usr/lib/belljar", "/var/lib/belljar"], _ => true).IsNeeded);
    }

    [Fact]
    public void Plan_CoversTheTopmostFolderInTheWay()
    {
        var view = PathView.Plan(["/root/a/private/program"], folder => folder is not ("/root" or "/root/a/private"));

        var cover = Assert.Single(view.Covers);
        Assert.Equal("/root", cover.Folder);
        Assert.Equal(["/root/a/private/program"], cover.Paths);
    }

    [Fact]
    public void Plan_OfPathsBelowOneFolder_HasOneCoverWithoutTheNested()
    {
        var view = PathView.Plan(["/root/home", "/root/program", "/root/home/mail", "/root/homely"], folder => folder != "/root");

        Assert.Equal(["/root/home", "/root/homely", "/root/program"], Assert.Single(view.Covers).Paths);
    }

    [Fact]
    public void Plan_OfTwoFoldersInTheWay_CoversBoth()
    {
        var view = PathView.Plan(["/root/x", "/home/me/y"], folder => folder is not ("/root" or "/home/me"));

        Assert.Equal(["/home/me", "/root"], view.Covers.Select(cover => cover.Folder));
    }

    [Fact]
    public void Plan_ThePathItself_IsNotCovered()
    {
        // A home of mode 0700 that belongs to the user, or must be given to it: mounting does not help.
        Assert.False(PathView.Plan(["/var/lib/belljar"], folder => folder != "/var/lib/belljar").IsNeeded);
    }

    [Theory]
    [InlineData("/mnt/private", "/media")]
    [InlineData("/root", "/mnt")]
    public void Plan_StagesElsewhere(string blocked, string stage)
    {
        Assert.Equal(stage, PathView.Plan([blocked + "/x"], folder => folder != blocked).Stage);
    }
}
