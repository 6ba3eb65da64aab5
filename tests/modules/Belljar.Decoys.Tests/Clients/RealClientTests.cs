using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Decoys.Tests.Presence;

namespace Belljar.Decoys.Tests.Clients;

/// <summary>Clients from Debian's packages do with a running decoy what visitors do with a host.</summary>
public class RealClientTests
{
    private const string Fleet = """
        decoys:
          - name: db01
            hostname: db01.corp.example
            address: 127.77.12.1
            services:
              - {id: redis, port: 0}
              - {id: ftp, port: 0, logins: {accounts: [{user: backup, password: planted-word}]}}
              - {id: mysql, port: 0, logins: {accounts: [{user: app, password: planted-word}]}}
              - {id: postgres, port: 0, logins: {accounts: [{user: app, password: planted-word}]}}
              - {id: telnet, port: 0}
              - {id: smtp, port: 0}
              - {id: vnc, port: 0}
              - {id: https, port: 0, skin: nginx}
        """;

    [Fact]
    public async Task RedisCli_ReadsAndWrites()
    {
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var at = Find(worker, "redis");

        Assert.Contains("redis_version:7.0.15", await RealClient.RunAsync("redis-cli", "redis-tools", "", "-h", Host(at), "-p", Port(at), "info", "server"), StringComparison.Ordinal);
        Assert.Equal("OK\n", await RealClient.RunAsync("redis-cli", "redis-tools", "", "-h", Host(at), "-p", Port(at), "set", "x", "1"));
        Assert.Equal("1\n", await RealClient.RunAsync("redis-cli", "redis-tools", "", "-h", Host(at), "-p", Port(at), "get", "x"));
        Assert.Contains("session:", await RealClient.RunAsync("redis-cli", "redis-tools", "", "-h", Host(at), "-p", Port(at), "--scan"), StringComparison.Ordinal);
        Assert.Contains("get x", Commands(worker));
    }

    [Fact]
    public async Task Lftp_ListsAndFetches()
    {
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var at = Find(worker, "ftp");

        var output = await RealClient.RunAsync(
            "lftp", "lftp", "", "-c", $"set net:max-retries 1; open -p {Port(at)} -u backup,planted-word {Host(at)}; pwd; ls; cat notes.txt; cd exports; ls");

        Assert.Contains("notes.txt", output, StringComparison.Ordinal);
        Assert.Contains("- exports run at", output, StringComparison.Ordinal);
        Assert.Contains("customers.csv", output, StringComparison.Ordinal);
        var attempt = Read(worker, EventKinds.DecoyAuthAttempt, Assert.Single(worker.Events.Of(EventKinds.DecoyAuthAttempt)));
        Assert.Equal(("backup", "planted-word", true), (attempt.Principal, attempt.Secret, attempt.Allowed));
        Assert.Equal("/home/backup/notes.txt", Read(worker, EventKinds.DecoyFileDown, Assert.Single(worker.Events.Of(EventKinds.DecoyFileDown))).Path);
        Assert.Single(worker.Events.Of(EventKinds.DecoySessionStart));
    }

    [Fact]
    public async Task Mysql_LogsInAndLooksAround()
    {
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var at = Find(worker, "mysql");
        string[] login = ["--no-defaults", "-h", Host(at), "-P", Port(at), "-u", "app", "-pplanted-word", "-B", "-N"];

        var databases = await RealClient.RunAsync("mysql", "default-mysql-client", "show databases;\n", login);
        Assert.Contains("information_schema", databases, StringComparison.Ordinal);
        var database = databases.Split('\n').First(name => name is not ("information_schema" or "mysql" or "performance_schema" or "sys"));
        Assert.Contains("users", await RealClient.RunAsync("mysql", "default-mysql-client", "show tables;\nselect version();\n", [.. login, "-D", database]), StringComparison.Ordinal);
        Assert.Contains("@", await RealClient.RunAsync("mysql", "default-mysql-client", "select login, email from users limit 2;\n", [.. login, "-D", database]), StringComparison.Ordinal);
        Assert.Contains("show databases", Commands(worker));
    }

    [Fact]
    public async Task Mysql_WithAWrongPassword_IsRefusedAndRecorded()
    {
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var at = Find(worker, "mysql");

        var output = await RealClient.RunAsync("mysql", "default-mysql-client", "", "--no-defaults", "-h", Host(at), "-P", Port(at), "-u", "root", "-ptoor");

        Assert.Contains("ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)", output, StringComparison.Ordinal);
        var attempt = Read(worker, EventKinds.DecoyAuthAttempt, Assert.Single(worker.Events.Of(EventKinds.DecoyAuthAttempt)));
        Assert.StartsWith("$mysqlna$", attempt.Secret, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("require")]
    public async Task Psql_LogsInByScram_WithAndWithoutTls(string tls)
    {
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var at = Find(worker, "postgres");
        string Connection(string password) => $"host={Host(at)} port={Port(at)} user=app dbname=postgres sslmode={tls} gssencmode=disable password={password}";

        var output = await RealClient.RunAsync("psql", "postgresql-client", "select version();\nselect nothing from nowhere;\n", "-X", "-A", "-t", Connection("planted-word"));
        Assert.Contains("PostgreSQL 15.20 (Debian", output, StringComparison.Ordinal);
        Assert.Contains("relation \"nowhere\" does not exist", output, StringComparison.Ordinal);
        Assert.Contains("password authentication failed for user \"app\"", await RealClient.RunAsync("psql", "postgresql-client", "", "-X", Connection("wrong")), StringComparison.Ordinal);
        var attempts = worker.Events.Of(EventKinds.DecoyAuthAttempt).Select(e => Read(worker, EventKinds.DecoyAuthAttempt, e)).ToList();
        Assert.Equal([true, false], attempts.Select(attempt => attempt.Allowed));
        Assert.All(attempts, attempt => Assert.StartsWith("SCRAM-SHA-256$4096$", attempt.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Swaks_TriesAPasswordInsideTls_AndIsRelayedNothing()
    {
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var at = Find(worker, "smtp");

        var login = await RealClient.RunAsync("swaks", "swaks", "", "--server", at, "--tls", "--auth", "LOGIN", "--auth-user", "info", "--auth-password", "tried-word", "--to", "postmaster", "--quit-after", "AUTH");
        Assert.Contains("535 5.7.8 Error: authentication failed", login, StringComparison.Ordinal);
        var relay = await RealClient.RunAsync("swaks", "swaks", "", "--server", at, "--from", "a@b.example", "--to", "x@elsewhere.example");
        Assert.Contains("454 4.7.1 <x@elsewhere.example>: Relay access denied", relay, StringComparison.Ordinal);
        var sent = await RealClient.RunAsync("swaks", "swaks", "", "--server", at, "--from", "a@b.example", "--to", "postmaster@db01.corp.example");
        Assert.Contains("250 2.0.0 Ok: queued as", sent, StringComparison.Ordinal);

        var attempt = Read(worker, EventKinds.DecoyAuthAttempt, Assert.Single(worker.Events.Of(EventKinds.DecoyAuthAttempt)));
        Assert.Equal(("info", "LOGIN", "tried-word"), (attempt.Principal, attempt.Mechanism, attempt.Secret));
        Assert.Single(worker.Events.Of(EventKinds.DecoyFileUp));
    }

    [Fact]
    public async Task Curl_TakesThePageOverTls()
    {
        await using var worker = await new TestWorker(Fleet).StartAsync();
        var at = Find(worker, "https");

        var output = await RealClient.RunAsync("curl", "curl", "", "-sSki", $"https://{at}/");

        Assert.StartsWith("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_AreAHostsOwn_AndTheSameAfterARestart()
    {
        await using var worker = await new TestWorker("""
            decoys:
              - {name: a, address: 127.77.12.2, services: [{id: https, port: 0}]}
              - {name: b, address: 127.77.12.3, services: [{id: https, port: 0}]}
            """).StartAsync();
        var (first, second) = (await CertificateAsync(worker.Listeners[0]), await CertificateAsync(worker.Listeners[1]));

        await worker.StopAsync();
        await worker.StartAsync();

        Assert.NotEqual(first, second);
        Assert.Equal(first, await CertificateAsync(worker.Listeners[^2]));
    }

    [SuppressMessage("Security", "CA5359", Justification = "The certificate is looked at, whoever signed it.")]
    private static async Task<string> CertificateAsync(BoundListener listener)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(listener.Address), TestContext.Current.CancellationToken);
        await using var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "a", RemoteCertificateValidationCallback = (_, _, _, _) => true }, TestContext.Current.CancellationToken);
        return stream.RemoteCertificate!.GetCertHashString();
    }

    private static string Find(TestWorker worker, string service) => worker.Listeners.Last(listener => listener.Protocol == $"decoy:{service}").Address;

    private static string Host(string endpoint) => endpoint[..endpoint.IndexOf(':')];

    private static string Port(string endpoint) => endpoint[(endpoint.IndexOf(':') + 1)..];

    private static IEnumerable<string> Commands(TestWorker worker) =>
        worker.Events.Of(EventKinds.DecoyCommand).Select(e => EventKinds.DecoyCommand.Read(e).Command.TrimEnd('\n', ';'));

    private static T Read<T>(TestWorker worker, EventKind<T> kind, BelljarEvent e)
    {
        Assert.Equal("db01", e.Decoy);
        Assert.NotNull(worker);
        return kind.Read(e);
    }
}
