using Belljar.Contracts.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Belljar.Hosting;

/// <summary>Kestrel on a Unix socket.</summary>
public static class UnixListener
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Serves HTTP/1.1 on the socket, which is removed when the host ends.</summary>
    /// <exception cref="OperatorException">Another process serves this socket, or it cannot be made.</exception>
    public static void Use(WebApplicationBuilder builder, string path)
    {
        SocketFile file;
        try
        {
            file = SocketFile.Listen(path, OwnerAndGroup);
        }
        catch (IOException refused)
        {
            throw new OperatorException(refused.Message);
        }

        // By a factory, so that the host disposes of it.
        builder.Services.AddSingleton(_ => file);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var served = kestrel.ApplicationServices.GetRequiredService<SocketFile>();
            kestrel.ListenHandle((ulong)served.Listener.Handle, listen => listen.Protocols = HttpProtocols.Http1);
        });
    }
}
