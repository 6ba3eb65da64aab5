using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Tests.Backends;

namespace Belljar.Sandboxes.Tests.Oci;

/// <summary>
/// A host whose /usr is not one file system: drivers, a second disk, another system's tools are mounted below it.
/// Started by <see cref="RootlessTests"/> in mount namespaces that have such a mount, for root and for a user who is not.
/// </summary>
public class MountsBelowUsrTests(OciFixture oci) : IClassFixture<OciFixture>
{
    [Fact(Explicit = true)]
    public async Task WhatIsMountedBelowUsr_IsSeenInside_AndCannotBeWritten()
    {
        var place = Assert.Single(MountTable.Below("/usr"), path => File.Exists($"{path}/mark of the host"));

        var read = await BackendFixture.RunAsync(oci.Shared, "cat", $"{place}/mark of the host");
        var written = await BackendFixture.RunAsRootAsync(oci.Shared, "sh", "-c", $"echo x > '{place}/new'");
        var elsewhere = await BackendFixture.RunAsync(oci.Shared, "sh", "-c", "command -v cat");

        Assert.Equal("seen\n", read.OutputText);
        Assert.NotEqual(0, written.ExitCode);
        Assert.False(File.Exists($"{place}/new"));
        Assert.Equal("/usr/bin/cat\n", elsewhere.OutputText);
    }

    [Fact]
    public void Table_NamesTheOutermostPlaces_Unescaped()
    {
        string[] lines =
        [
            "22 27 0:21 / /proc rw,relatime - proc proc rw",
            @"30 27 0:31 / /usr/lib/a\040b\134c rw - tmpfs t rw",
            @"31 30 0:32 / /usr/lib/a\040b\134c/inner rw - tmpfs t rw",
            "32 27 0:33 / /usr/libexec rw - tmpfs t rw",
            "33 27 0:34 / /usrlocal rw - tmpfs t rw",
            "34 27 0:35 / /usr rw - tmpfs t rw",
        ];

        Assert.Equal([@"/usr/lib/a b\c", "/usr/libexec"], MountTable.Below("/usr", lines));
    }
}
