namespace Layers.Tests;

public class ArrowsTests
{
    [Fact]
    public void Sources_DrawNoForbiddenArrow()
    {
        var byName = ProjectFile.Sources.ToDictionary(project => project.Name);

        var forbidden = ProjectFile.Sources
            .SelectMany(from => from.References.Select(to => (From: from, To: byName[to])))
            .Select(arrow => (arrow.From, arrow.To, Why: Arrows.Forbidden(arrow.From, arrow.To)))
            .Where(arrow => arrow.Why is not null)
            .Select(arrow => $"{arrow.From.Name} → {arrow.To.Name}: {arrow.Why}");

        Assert.Empty(forbidden);
    }

    [Fact]
    public void Sources_UsePackagesOnlyWhereTheyBelong()
    {
        var forbidden = ProjectFile.Sources
            .SelectMany(project => project.Packages.Select(package => (project, Why: Arrows.ForbiddenPackage(project, package))))
            .Where(use => use.Why is not null)
            .Select(use => $"{use.project.Name}: {use.Why}");

        Assert.Empty(forbidden);
    }

    [Fact]
    public void Sources_AreFoundAtAll() => Assert.Contains(ProjectFile.Sources, project => project.Name == "Belljar.Contracts");

    [Theory]
    [InlineData("modules", "Belljar.Mail", "modules", "Belljar.Egress", "modules meet only")]
    [InlineData("foundation", "Belljar.Mime", "foundation", "Belljar.Contracts", "nothing")]
    [InlineData("foundation", "Belljar.Net", "modules", "Belljar.Mail", "foundation knows nothing")]
    [InlineData("modules", "Belljar.Mail", "edges", "Belljar.Web", "arrows point down")]
    [InlineData("edges", "Belljar.Web", "executable", "Belljar", "seen by nobody")]
    public void Forbidden_ForAForbiddenArrow_SaysWhy(string fromLayer, string from, string toLayer, string to, string why)
    {
        var reason = Arrows.Forbidden(new ProjectFile(from, "", fromLayer, [], []), new ProjectFile(to, "", toLayer, [], []));

        Assert.Contains(why, reason);
    }

    [Fact]
    public void Sources_AndTestsStandInTheSolution()
    {
        var solution = File.ReadAllText(Path.Combine(Belljar.Testing.Repository.Root, "Belljar.slnx"));

        Assert.Empty(ProjectFile.Sources.Concat(ProjectFile.Tests).Where(project => !solution.Contains($"\"{project.Path}\"")).Select(project => project.Path));
    }

    [Fact]
    public void Sources_EachHaveAReadme()
    {
        var missing = ProjectFile.Sources.Where(project => !File.Exists(Path.Combine(Belljar.Testing.Repository.Root, Path.GetDirectoryName(project.Path)!, "README.md")));

        Assert.Empty(missing.Select(project => project.Path));
    }
}
