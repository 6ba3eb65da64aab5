using Belljar.Contracts;
using Belljar.Decoys.Ftp;
using Belljar.Decoys.Http;
using Belljar.Decoys.Mysql;
using Belljar.Decoys.Postgres;
using Belljar.Decoys.Redis;
using Belljar.Decoys.Smtp;
using Belljar.Decoys.Telnet;
using Belljar.Decoys.Vnc;

namespace Belljar.Decoys;

/// <summary>Every service that a decoy can offer.</summary>
public static class BuiltInDecoyServices
{
    public static readonly DecoyService Http = HttpService.Definition;

    public static readonly DecoyService Https = HttpsService.Definition;

    public static readonly DecoyService Ftp = FtpService.Definition;

    public static readonly DecoyService Telnet = TelnetService.Definition;

    public static readonly DecoyService Smtp = SmtpService.Definition;

    public static readonly DecoyService Mysql = MysqlService.Definition;

    public static readonly DecoyService Postgres = PostgresService.Definition;

    public static readonly DecoyService Redis = RedisService.Definition;

    public static readonly DecoyService Vnc = VncService.Definition;

    public static readonly Registry<DecoyService> All = new("decoy service", Http, Https, Ftp, Telnet, Smtp, Mysql, Postgres, Redis, Vnc);
}
