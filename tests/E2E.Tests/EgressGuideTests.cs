using Belljar.Testing;

namespace E2E.Tests;

/// <summary>The guide to the gate as a tool, typed line by line.</summary>
public sealed class EgressGuideTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private GuideShell? _shell;

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            await _shell.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task EgressAlone_WorksLineByLine()
    {
        Clients.Need("python3");
        Clients.Need("curl");
        Clients.Need("openssl");
        _shell = GuideShell.Start(_folder.Path);
        var blocks = GuideBlock.Read(Path.Combine(Repository.Root, "docs/guide/egress-alone.md"));
        Assert.Equal(8, blocks.Count);
        foreach (var block in blocks)
        {
            if (block.Language == "sh")
            {
                var (code, output) = await _shell.SayAsync(block.Text);
                Assert.True(code == 0, $"{block.Text}\nended with {code}:\n{output}");
                continue;
            }

            foreach (var (command, expected) in block.Dialogue())
            {
                var (_, output) = await _shell.SayAsync(command);
                Assert.True(GuideBlock.Agrees(expected, output), $"$ {command}\n{output}\nThe guide shows:\n{string.Join('\n', expected)}");
            }
        }
    }
}
