using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Mail;

/// <summary>A Postfix with a configuration and a queue of its own, on loopback, delivering into a Maildir.</summary>
internal sealed class PostfixServer : IMailServer
{
    private const string Program = "/usr/sbin/postfix";

    private static readonly string[] Folders = ["etc", "queue", "data", "log", "mail"];

    private static readonly Dictionary<string, string> Locale = new() { ["LC_ALL"] = "C.UTF-8", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };

    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;

    private PostfixServer(DirectoryInfo folder, ChildProcess process, int port) => (_folder, _process, Port) = (folder, process, port);

    public static bool IsPossible => File.Exists(Program) && Environment.IsPrivilegedProcess;

    public int Port { get; }

    public static async Task<PostfixServer> StartAsync(int port, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-postfix-");
        Configure(folder.FullName, port);
        await RunAsync(["/bin/chown", "postfix", Path.Combine(folder.FullName, "data"), Path.Combine(folder.FullName, "mail")], ct);
        await RunAsync([Program, "-c", Path.Combine(folder.FullName, "etc"), "check"], ct);
        var process = ChildProcess.Start(new ChildSpec(Program, "-c", Path.Combine(folder.FullName, "etc"), "start-fg") { Environment = Locale });
        return new PostfixServer(folder, process, port);
    }

    public int Delivered()
    {
        var arrived = Path.Combine(_folder.FullName, "mail/agent/new");
        return Directory.Exists(arrived) ? Directory.EnumerateFiles(arrived).Count() : 0;
    }

    public TimeSpan Cpu() => ProcessTimes.OfFamily(_process.Pid);

    public void Delete() => _folder.Delete(recursive: true);

    public async ValueTask DisposeAsync()
    {
        // Its master has a session of its own, where the group's signals do not reach it.
        await RunAsync([Program, "-c", Path.Combine(_folder.FullName, "etc"), "stop"], CancellationToken.None);
        await _process.Exited;
        await _process.DisposeAsync();
    }

    /// <summary>Postfix's other users have to reach its folders.</summary>
    private static void Configure(string root, int port)
    {
        const UnixFileMode ForAll = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(root, ForAll);
        foreach (var name in Folders)
        {
            Directory.CreateDirectory(Path.Combine(root, name), ForAll);
        }

        File.WriteAllText(
            Path.Combine(root, "etc/main.cf"),
            $"""
            compatibility_level = 3.6
            queue_directory = {root}/queue
            data_directory = {root}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = mx.test
            mydestination =
            alias_maps =
            alias_database =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            smtpd_tls_security_level = none
            smtpd_client_connection_count_limit = 0
            virtual_mailbox_domains = mx.test
            virtual_mailbox_base = {root}/mail
            virtual_mailbox_maps = static:agent/
            virtual_minimum_uid = 1
            virtual_uid_maps = static:{Id("-u")}
            virtual_gid_maps = static:{Id("-g")}
            maillog_file_prefixes = {root}/log
            maillog_file = {root}/log/maillog

            """);
        File.WriteAllText(
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
            virtual unix - n n - - virtual
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """);
    }

    private static string Id(string what) =>
        ChildProcess.RunAsync(new ChildSpec("/usr/bin/id", what, "postfix"), RunLimits.Default, CancellationToken.None).GetAwaiter().GetResult().OutputText.Trim();

    private static async Task RunAsync(string[] command, CancellationToken ct)
    {
        var result = await ChildProcess.RunAsync(new ChildSpec(command) { Environment = Locale }, RunLimits.Default, ct);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"{command[0]}: {result.OutputText}{result.ErrorText}");
        }
    }
}
