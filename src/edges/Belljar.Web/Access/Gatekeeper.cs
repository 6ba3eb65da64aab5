using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Belljar.Web.Access;

/// <summary>Who may ask at all: the right host name, the right origin, the token or what a browser was given for it.</summary>
internal sealed class Gatekeeper(ConsoleToken token)
{
    private readonly byte[] _session = Encoding.ASCII.GetBytes(token.Session());

    /// <summary>
    /// A page of somebody else's can make a browser ask us under a name that he resolves to our address (DNS rebinding):
    /// only the address itself is answered, and localhost where the connection is local.
    /// </summary>
    public static bool IsOwnHost(HttpContext context)
    {
        var connection = context.Connection;
        if (connection.LocalIpAddress is not { } address || context.Request.Headers.Host is not [{ } named])
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var port = connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        return named == $"{new IPEndPoint(address, connection.LocalPort)}"
            || (IPAddress.IsLoopback(address) && named.Equals($"localhost:{port}", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Anything but reading comes from our own page, which says so.</summary>
    public static bool IsOwnOrigin(HttpContext context) =>
        context.Request.Headers.Origin is [{ } origin] && origin.Equals($"http://{context.Request.Headers.Host}", StringComparison.OrdinalIgnoreCase);

    public bool HasToken(HttpContext context) => context.Request.Query["token"] is [var presented] && token.Is(presented);

    public bool HasSession(HttpContext context) => context.Request.Cookies[CookieName(context)] is { } presented
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(presented), _session);

    public void GiveSession(HttpContext context) => context.Response.Cookies.Append(CookieName(context), token.Session(), new CookieOptions
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Path = "/",
    });

    /// <summary>Browsers do not keep the cookies of two ports apart, so that the name does.</summary>
    private static string CookieName(HttpContext context) => string.Create(CultureInfo.InvariantCulture, $"console_{context.Connection.LocalPort}");
}
