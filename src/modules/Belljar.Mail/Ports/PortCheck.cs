using System.Net;
using System.Net.Sockets;
using Belljar.Hosting;
using Belljar.Hosting.Doctor;

namespace Belljar.Mail.Ports;

/// <summary>
/// Tries the ports of a mail server from this machine: loopback first, then each public address of its own. A firewall in
/// front of the machine is not seen from here.
/// </summary>
public sealed class PortCheck(MailOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NearExpiry = TimeSpan.FromDays(21);

    private IEnumerable<IPEndPoint> Listeners => [.. options.Smtp.Listen, .. options.Submission.Listen, .. options.Submission.ListenTls];

    /// <param name="addresses">Where it should answer besides loopback.</param>
    public async Task<IReadOnlyList<PortFinding>> RunAsync(IReadOnlyList<MailPort> ports, IReadOnlyList<IPAddress> addresses, CancellationToken ct)
    {
        var findings = new List<PortFinding>();
        foreach (var port in ports)
        {
            foreach (var address in addresses.Prepend(Local(port.Port)))
            {
                findings.Add(await TryAsync(new IPEndPoint(address, port.Port), port, ct));
            }
        }

        return findings;
    }

    /// <summary>Where the configuration listens on this port, on one address alone; else loopback.</summary>
    private IPAddress Local(int port) =>
        Listeners.FirstOrDefault(one => one.Port == port)?.Address is { } address && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? address : IPAddress.Loopback;

    private async Task<PortFinding> TryAsync(IPEndPoint address, MailPort port, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var timer = clock.CreateTimer(_ => patience.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            var found = await SmtpProbe.RunAsync(address, port.IsTls, options.HostName, patience.Token);
            return Judge(address, port, found);
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return Nobody(address, port);
        }
        catch (Exception failed) when (failed is IOException or SocketException)
        {
            return new PortFinding(address, port.Purpose, CheckState.Bad, failed.Message, "See what listens there: ss -ltnp");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new PortFinding(address, port.Purpose, CheckState.Bad, $"no answer within {Patience.TotalSeconds:0} s", "Look whether a firewall on this machine drops it.");
        }
    }

    private PortFinding Nobody(IPEndPoint address, MailPort port)
    {
        var listening = Listeners.Any(one => one.Port == port.Port);
        return port.Port switch
        {
            25 when listening => new PortFinding(
                address, port.Purpose, CheckState.Bad, "nobody listens", $"Is the mail worker running, and may it bind port 25? Else it listens at {25 + ListenAddress.FallbackOffset}: see belljar status."),
            25 => new PortFinding(address, port.Purpose, CheckState.Bad, "nobody listens", "Other servers come to port 25 alone. In belljar.yaml: mail.smtp.listen: [\"0.0.0.0:25\"]"),
            _ when listening => new PortFinding(address, port.Purpose, CheckState.Bad, "nobody listens", "The configuration says so: see belljar status and the mail worker's log."),
            _ => new PortFinding(address, port.Purpose, CheckState.Ok, "nobody listens; only programs that send through this server need it", null),
        };
    }

    private PortFinding Judge(IPEndPoint address, MailPort port, SmtpProbeResult found)
    {
        var what = $"{found.Banner[..Math.Min(found.Banner.Length, 80)]}; {(found.HasTls ? port.IsTls ? "TLS" : "STARTTLS" : "no STARTTLS")}{About(found.Certificate)}";
        var (state, remedy) = found switch
        {
            { HasTls: false } => (CheckState.Warn, "Senders then send in the clear. If this is Belljar, see mail.smtp.tls."),
            { Certificate: null } => (CheckState.Warn, "STARTTLS is offered and does not work: see the mail worker's log."),
            { Certificate: var shown } when shown.Until < clock.GetUtcNow() => (CheckState.Bad, "The certificate has expired: renew it."),
            { Certificate: var shown } when shown.Until - clock.GetUtcNow() < NearExpiry => (CheckState.Warn, "The certificate ends soon: look why it was not renewed."),
            { Certificate: { IsForHost: false } } => (CheckState.Warn, $"The certificate is not for {options.HostName}: senders that verify will not deliver."),
            { Certificate: { IsSelfSigned: true } } when port.Port is not 25 => (CheckState.Warn, "Mail programs refuse a self-signed certificate: configure mail.smtp.tls."),
            _ => (CheckState.Ok, (string?)null),
        };
        return new PortFinding(address, port.Purpose, state, what, remedy);
    }

    private static string About(CertificateFacts? certificate) => certificate is null
        ? ""
        : $", certificate for {string.Join(", ", certificate.Names.Take(5))} until {certificate.Until:yyyy-MM-dd}{(certificate.IsSelfSigned ? ", self-signed" : "")}";
}
