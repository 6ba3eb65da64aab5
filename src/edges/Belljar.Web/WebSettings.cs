using System.Net;
using Belljar.Hosting.Settings;
using Belljar.Manifest;

namespace Belljar.Web;

/// <summary>The section <c>web</c>.</summary>
/// <param name="Listen">Where the console is served; loopback unless told otherwise.</param>
public sealed record WebSettings(IPEndPoint Listen)
{
    public static readonly SettingsSection<WebSettings> Section = new("web", "The console in the browser.", Read);

    private static WebSettings Read(SettingsReader section) =>
        new(section.Optional("listen", new IPEndPoint(IPAddress.Loopback, 7480), Address.Listen));
}
