using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Isolation;

/// <summary>
/// How numbers of users inside are kept on disk in images. For root as they are: mounts shift them for each sandbox. For a
/// user who is not root mounts cannot, so images are kept with the numbers that the sandboxes have, from 1 in the user
/// namespace that belljar is in (0 is the user himself).
/// </summary>
internal static class UserNumbers
{
    private const uint Nobody = 65_534;

    public static uint Shift => Rootless.IsEntered ? 1u : 0u;

    public static uint OnDisk(int inside) => (inside is >= 0 and < (int)Nobody ? (uint)inside : Nobody) + Shift;

    public static void Own(string path, int inside)
    {
        if (Libc.lchown(path, OnDisk(inside), OnDisk(inside)) != 0)
        {
            throw NativeException.Last($"owning {path}");
        }
    }
}
