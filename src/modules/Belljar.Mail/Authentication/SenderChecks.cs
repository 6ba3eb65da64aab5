using Belljar.Hosting;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Net.Dns;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Authentication;

/// <summary>Makes the authenticator that the settings describe, and says what it relies on.</summary>
internal static partial class SenderChecks
{
    /// <exception cref="OperatorException">A file that the settings name is not there.</exception>
    public static MailAuthenticator Create(MailOptions options, IDnsResolver dns, TimeProvider clock, ILogger logger)
    {
        var policy = new AuthenticationPolicy
        {
            PublicSuffixes = LoadSuffixes(options.SenderChecks.PublicSuffixes, logger),
            ReceiverName = options.HostName,
            Timeout = options.SenderChecks.Timeout,
            OwnMachineTimeout = options.SenderChecks.OwnMachineTimeout,
        };
        return new MailAuthenticator(dns, policy, clock);
    }

    public static IDnsResolver Resolver(SenderCheckOptions options, TimeProvider clock)
    {
        var system = DnsResolverOptions.FromResolvConf();
        return new UdpDnsResolver(options.DnsServers is [] ? system : system with { Servers = options.DnsServers, TrustAuthenticBit = false }, clock);
    }

    private static PublicSuffixList LoadSuffixes(string? configured, ILogger logger)
    {
        if (configured is not null && !File.Exists(configured))
        {
            throw new OperatorException($"mail.authentication.public_suffixes: there is no file {configured}.");
        }

        var list = PublicSuffixList.Load(configured ?? PublicSuffixList.SystemPath);
        if (ReferenceEquals(list, PublicSuffixList.BuiltIn))
        {
            LogShortList(logger, PublicSuffixList.SystemPath, list.Count);
        }

        return list;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "there is no public suffix list at {Path} (package publicsuffix): {Count} common suffixes are known, and under others a domain vouches for itself alone, not for those below it")]
    private static partial void LogShortList(ILogger logger, string path, int count);
}
