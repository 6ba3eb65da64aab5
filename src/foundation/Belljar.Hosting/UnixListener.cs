using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Belljar.Hosting;

/// <summary>Kestrel on a Unix socket, over what a killed process may have left there.</summary>
public static class UnixListener
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>
    /// Serves HTTP/1.1 on the socket. A socket left by kill -9 is removed first, under a lock that a living owner holds;
    /// the file's mode is set once it is bound.
    /// </summary>
    /// <exception cref="OperatorException">Another process serves this socket.</exception>
    public static void Use(WebApplicationBuilder builder, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var owner = SocketLock.Take(path);
        File.Delete(path);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http1));
        builder.Services.AddSingleton<IHostedLifecycleService>(new AfterBinding(path, owner));
        builder.Services.AddSingleton<IHostedService>(services => services.GetServices<IHostedLifecycleService>().OfType<AfterBinding>().First(one => one.Path == path));
    }

    private sealed class AfterBinding(string path, SocketLock owner) : IHostedLifecycleService, IDisposable
    {
        public string Path => path;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            File.SetUnixFileMode(path, OwnerAndGroup);
            return Task.CompletedTask;
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() => owner.Dispose();
    }
}
