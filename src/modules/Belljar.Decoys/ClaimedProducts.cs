namespace Belljar.Decoys;

/// <param name="Name">As scanners call it.</param>
/// <param name="Version">As it calls itself, without the distribution's part.</param>
public sealed record ClaimedProduct(string Name, string Version);

/// <summary>
/// What decoys claim to be: the packages of Debian 12. The one place where these versions stand: banners, protocol
/// versions and listings take them from here.
/// </summary>
internal static class Debian12
{
    public static readonly ClaimedProduct Redis = new("redis", "7.0.15");
    public static readonly ClaimedProduct Vsftpd = new("vsftpd", "3.0.3");
    public static readonly ClaimedProduct MariaDb = new("mariadb", "10.11.19");
    public static readonly ClaimedProduct Postgres = new("postgresql", "15.20");
    public static readonly ClaimedProduct Telnetd = new("inetutils-telnetd", "2.4");
    public static readonly ClaimedProduct Vnc = new("tigervnc", "1.12.0");
    public static readonly ClaimedProduct Postfix = new("postfix", "3.7.11");

    /// <summary>What a console greets with (/etc/issue.net).</summary>
    public const string Issue = "Debian GNU/Linux 12";

    /// <summary>The package's revision, as MariaDB writes it into its version.</summary>
    public const string MariaDbRevision = "0+deb12u1";

    /// <summary>The same for PostgreSQL's <c>version()</c>.</summary>
    public const string PostgresPackage = "Debian 15.20-0+deb12u1";

    public const string Compiler = "gcc (Debian 12.2.0-14+deb12u1) 12.2.0";
}
