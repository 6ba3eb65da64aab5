using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace E2E.Tests;

/// <summary>A real PostgreSQL in a folder of its own, as a user without rights, on a loopback address of its own: so its port can be the usual one.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    private const string User = "nobody";

    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _server;

    public IPAddress Address { get; } = new([127, 83, (byte)RandomNumberGenerator.GetInt32(1, 255), (byte)RandomNumberGenerator.GetInt32(1, 255)]);

    public static async Task<Postgres> StartAsync()
    {
        Clients.Need("setpriv");
        Clients.Need("psql");
        var programs = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb"))) : null;
        Assert.SkipWhen(programs is null, "postgresql is not installed");
        var postgres = new Postgres();
        await postgres.InitializeAsync(programs);
        return postgres;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            _server.Send(Signal.Interrupt); // a fast shutdown: connections are ended
            await _server.Exited.WaitAsync(TimeSpan.FromSeconds(60));
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task InitializeAsync(string programs)
    {
        var data = _folder["data"];
        Directory.CreateDirectory(data);
        if (Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
            Assert.Equal(0, (await Clients.RunAsync("chown", User, data)).ExitCode);
        }

        var made = await Clients.RunAsync([.. AsUser(), Path.Combine(programs, "initdb"), "-D", data, "-A", "trust", "-U", User, "--no-sync", "--no-locale"]);
        Assert.True(made.Succeeded, made.ErrorText);
        _server = ChildProcess.Start(new ChildSpec(
            [.. AsUser(), Path.Combine(programs, "postgres"), "-D", data, "-h", $"{Address}", "-p", "5432", "-c", "unix_socket_directories=", "-c", "fsync=off"])
        {
            Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default },
            WorkingDirectory = "/",
        });
        await Clients.UntilAsync(
            () => Clients.RunAsync("psql", "-h", string.Create(CultureInfo.InvariantCulture, $"{Address}"), "-U", User, "-d", "postgres", "-c", "create table if not exists t (x int)"),
            ready => ready.Succeeded,
            "the database answers");
    }

    /// <summary>PostgreSQL does not serve as root.</summary>
    private static string[] AsUser() => Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={User}", "--regid=nogroup", "--clear-groups", "--"] : [];
}
