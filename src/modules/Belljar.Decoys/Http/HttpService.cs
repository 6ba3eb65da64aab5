using Belljar.Contracts;
using Belljar.Manifest;

namespace Belljar.Decoys.Http;

/// <summary>The decoy service <c>http</c>.</summary>
internal static class HttpService
{
    public static readonly DecoyService Definition = new(
        "http", "A web server as Debian packages it, with a small site of the decoy's own.", DecoyTransport.Tcp, [80, 8080], Read);

    private static CreateDecoyServer Read(SettingsReader section)
    {
        var skin = section.Optional("skin", null, Word.Of([.. HttpSkins.All.Select(skin => (skin.Name, (HttpSkin?)skin))]));
        var title = section.OptionalOrNull("title", Text.OneLine);
        return (identity, clock) =>
        {
            var site = SitePage.Of(identity, title);
            return new HttpServer((skin ?? identity.Pick("http.skin", [.. HttpSkins.All])).Create(identity, site), clock);
        };
    }
}

/// <summary>A product that a decoy's web server can claim to be.</summary>
internal sealed record HttpSkin(string Name, Func<DecoyIdentity, SitePage, IHttpDialect> Create) : INamed;

/// <summary>Every such product.</summary>
internal static class HttpSkins
{
    public static readonly Registry<HttpSkin> All = new(
        "http skin",
        new HttpSkin("nginx", (_, site) => new Nginx.NginxDialect(site)),
        new HttpSkin("apache2", (identity, site) => new Apache.ApacheDialect(identity, site)));
}
