using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Mail;

/// <summary>A Postfix with a configuration and a queue of its own that passes everything on to one server on loopback.</summary>
internal sealed class PostfixRelay : IAsyncDisposable
{
    private const string Program = "/usr/sbin/postfix";

    private static readonly Dictionary<string, string> Locale = new() { ["LC_ALL"] = "C.UTF-8", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };

    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;

    private PostfixRelay(DirectoryInfo folder, ChildProcess process) => (_folder, _process) = (folder, process);

    public static bool IsPossible => File.Exists(Program) && Environment.IsPrivilegedProcess;

    public static async Task<PostfixRelay> StartAsync(int port, int next, int connections, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-relay-");
        var root = folder.FullName;
        const UnixFileMode ForAll = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(root, ForAll);
        foreach (var name in new[] { "etc", "queue", "data", "log" })
        {
            Directory.CreateDirectory(Path.Combine(root, name), ForAll);
        }

        await File.WriteAllTextAsync(
            Path.Combine(root, "etc/main.cf"),
            $"""
            compatibility_level = 3.6
            queue_directory = {root}/queue
            data_directory = {root}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = out.test
            mydestination =
            alias_maps =
            alias_database =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            relayhost = [127.0.0.1]:{next}
            disable_dns_lookups = yes
            smtp_destination_concurrency_limit = {connections}
            initial_destination_concurrency = {connections}
            smtpd_client_connection_count_limit = 0
            maillog_file_prefixes = {root}/log
            maillog_file = {root}/log/maillog

            """,
            ct);
        await File.WriteAllTextAsync(
            Path.Combine(root, "etc/master.cf"),
            $"""
            127.0.0.1:{port} inet n - n - - smtpd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """,
            ct);
        await RunAsync(["/bin/chown", "postfix", Path.Combine(root, "data")], ct);
        await RunAsync([Program, "-c", Path.Combine(root, "etc"), "check"], ct);
        return new PostfixRelay(folder, ChildProcess.Start(new ChildSpec(Program, "-c", Path.Combine(root, "etc"), "start-fg") { Environment = Locale }));
    }

    /// <summary>Of all its processes, those that have ended included.</summary>
    public TimeSpan Cpu() => ProcessTimes.OfFamily(_process.Pid);

    public async ValueTask DisposeAsync()
    {
        // Its master has a session of its own, where the group's signals do not reach it.
        await RunAsync([Program, "-c", Path.Combine(_folder.FullName, "etc"), "stop"], CancellationToken.None);
        await _process.Exited;
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task RunAsync(string[] command, CancellationToken ct)
    {
        var result = await ChildProcess.RunAsync(new ChildSpec(command) { Environment = Locale }, RunLimits.Default, ct);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"{command[0]}: {result.OutputText}{result.ErrorText}");
        }
    }
}
