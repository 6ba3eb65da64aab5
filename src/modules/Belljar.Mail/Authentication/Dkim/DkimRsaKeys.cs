using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Belljar.Mail.Authentication.Dkim;

/// <summary>
/// Keys that OpenSSL has read already: reading one costs more than verifying with it. A key is lent to one verification at a
/// time (RSA instances are not for two threads), and there are never more than <see cref="MostKeys"/> at rest.
/// </summary>
internal sealed class DkimRsaKeys
{
    private const int MostKeys = 256;

    private readonly ConcurrentDictionary<string, RSA> _keys = new(StringComparer.Ordinal);

    /// <returns>To be given back; null where the octets are no key.</returns>
    public RSA? Take(DkimKey key) => _keys.TryRemove(Name(key), out var known) ? known : key.ToRsa();

    public void GiveBack(DkimKey key, RSA rsa)
    {
        // At the bound the keys that are there stay: those of the domains that write most come back soonest.
        if (_keys.Count >= MostKeys || !_keys.TryAdd(Name(key), rsa))
        {
            rsa.Dispose();
        }
    }

    private static string Name(DkimKey key) => Convert.ToBase64String(key.Octets);
}
