using System.CommandLine;
using Belljar.Hosting;
using Belljar.Sandboxes.Docker;
using Belljar.Sandboxes.Images;
using Belljar.Sessions;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>Root file systems for sandboxes.</summary>
internal static class ImageCommand
{
    private const long Megabyte = 1 << 20;

    public static Command Create() => CommandTree.Create(
        "image", "Build, import, list and remove root file systems for sandboxes.", "belljar image build agent", Build(), Import(), List(), Remove());

    private static Command Build()
    {
        var name = Name();
        var recipe = new Option<string?>("--recipe") { Description = $"what to put in: {string.Join(", ", ImageRecipe.All.Select(one => one.Name))}; else the image's own name says" };
        var suite = new Option<string>("--suite") { Description = "Debian's release", DefaultValueFactory = _ => "bookworm" };
        var dockerfile = new Option<string?>("--dockerfile") { Description = "a folder with a Dockerfile, built by the local engine instead" };
        var command = CommandTree.Create(
            "build", "Build an image: a Debian tree by mmdebstrap, or a Dockerfile by docker.", "belljar image build agent", name, recipe, suite, dockerfile);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
        {
            var settings = HandMadeSandboxes.Settings(paths);
            var built = parsed.GetValue(dockerfile) is { } folder
                ? await new DockerfileBuild(settings).RunAsync(parsed.GetRequiredValue(name), Path.GetFullPath(folder), Say, ct)
                : await new ImageBuild(new ImageStore(settings)).DebianAsync(
                    parsed.GetRequiredValue(name), ImageRecipe.All[parsed.GetValue(recipe) ?? parsed.GetRequiredValue(name)], parsed.GetRequiredValue(suite), Say, ct);
            return Report(built);
        }, ct));
        return command;
    }

    private static Command Import()
    {
        var name = Name();
        var path = new Argument<string>("path") { Description = "an OCI layout, a docker save archive, a tar archive of a root file system, or a folder" };
        var command = CommandTree.Create("import", "Take in an image that was made elsewhere.", "belljar image import web web.tar", name, path);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
            Report(await new ImageStore(HandMadeSandboxes.Settings(paths)).ImportAsync(parsed.GetRequiredValue(name), parsed.GetRequiredValue(path), ct)), ct));
        return command;
    }

    private static Command List()
    {
        var command = CommandTree.Create("list", "List the images.", "belljar image list");
        command.SetAction((_, ct) => RunAsync(paths =>
        {
            var table = new Table("NAME", "DIGEST", "SIZE", "MADE", "FROM");
            foreach (var image in new ImageStore(HandMadeSandboxes.Settings(paths)).List())
            {
                table.Add(image.Name, image.Digest[..12], $"{image.Bytes / Megabyte} MB", $"{image.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm}", image.Source);
            }

            table.Write(Terminal.Out);
            return Task.FromResult(0);
        }, ct));
        return command;
    }

    private static Command Remove()
    {
        var name = Name();
        var yes = new Option<bool>("--yes", "-y") { Description = "do not ask" };
        var command = CommandTree.Create("remove", "Remove an image. Sandboxes that were made from it do not start again.", "belljar image remove web -y", name, yes);
        command.SetAction((parsed, ct) => RunAsync(async paths =>
        {
            var image = parsed.GetRequiredValue(name);
            if (!parsed.GetValue(yes) && !Terminal.Confirm($"Remove the image {image}?"))
            {
                throw new OperatorException($"nothing was removed. To remove without a question: belljar image remove {image} -y");
            }

            await new ImageStore(HandMadeSandboxes.Settings(paths)).RemoveAsync(image, ct);
            Terminal.Out.WriteLine($"removed {image}");
            return 0;
        }, ct));
        return command;
    }

    private static void Say(string line) => Terminal.Error.WriteLine(Terminal.Safe(line));

    private static int Report(SandboxImage image)
    {
        Terminal.Out.WriteLine($"{image.Name}: {image.Digest[..12]}, {image.Bytes / Megabyte} MB. Use it: belljar sandbox create --name probe --rootfs {image.Name}");
        return 0;
    }

    private static Task<int> RunAsync(Func<BelljarPaths, Task<int>> work, CancellationToken ct) => HandMadeSandboxes.RunAsync(async () =>
    {
        var paths = CommandTree.Paths();
        await OwnNamespace.EnterAsync(paths, ct);
        return await work(paths);
    });

    private static Argument<string> Name() => new("name") { Description = "the image's name" };
}
