using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Belljar.Decoys.Tls;

/// <summary>An RSA key of 2048 bits that follows from a decoy's identity. It protects nothing: it only has to be the decoy's own.</summary>
internal static class SeededRsa
{
    private const int PrimeBytes = 128;
    private static readonly int[] Witnesses = [2, 3, 5, 7];
    private static readonly BigInteger Exponent = 65537;
    private static readonly int[] SmallPrimes = [.. Enumerable.Range(3, 4000).Where(n => n % 2 == 1 && !Enumerable.Range(3, 60).Any(d => d < n && n % d == 0))];

    public static RSAParameters Key(DecoyIdentity identity)
    {
        var p = Prime(identity, "p");
        var q = Prime(identity, "q");
        (p, q) = p > q ? (p, q) : (q, p);
        var phi = (p - 1) * (q - 1);
        var d = Inverse(Exponent, phi);
        return new RSAParameters
        {
            Modulus = Bytes(p * q, 2 * PrimeBytes),
            Exponent = [1, 0, 1],
            D = Bytes(d, 2 * PrimeBytes),
            P = Bytes(p, PrimeBytes),
            Q = Bytes(q, PrimeBytes),
            DP = Bytes(d % (p - 1), PrimeBytes),
            DQ = Bytes(d % (q - 1), PrimeBytes),
            InverseQ = Bytes(Inverse(q, p), PrimeBytes),
        };
    }

    /// <summary>The first probable prime from a drawn number on. Its two highest bits are set, so that the product has all of its own.</summary>
    private static BigInteger Prime(DecoyIdentity identity, string which)
    {
        var bytes = new byte[PrimeBytes];
        for (var at = 0; at < PrimeBytes; at += 8)
        {
            // Four bytes a question: Between is drawn from 64 bits, and half of them are enough to be even.
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), (uint)identity.Between($"rsa.{which}.{at}", 0, uint.MaxValue));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 4), (uint)identity.Between($"rsa.{which}.{at + 4}", 0, uint.MaxValue));
        }

        bytes[0] |= 0xc0;
        bytes[^1] |= 1;
        var candidate = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var remainders = SmallPrimes.Select(prime => (int)(candidate % prime)).ToArray();
        for (var step = 0; ; step += 2)
        {
            if (!SmallPrimes.Where((prime, i) => (remainders[i] + step) % prime == 0).Any() && IsProbablePrime(candidate + step) && (candidate + step - 1) % Exponent != 0)
            {
                return candidate + step;
            }
        }
    }

    /// <summary>Miller and Rabin's test. The numbers are drawn, not chosen by an adversary: a few bases are plenty.</summary>
    private static bool IsProbablePrime(BigInteger n)
    {
        var (odd, twos) = (n - 1, 0);
        while (odd.IsEven)
        {
            odd >>= 1;
            twos++;
        }

        return Witnesses.All(witness => Passes(witness, odd, twos, n));
    }

    private static bool Passes(BigInteger witness, BigInteger odd, int twos, BigInteger n)
    {
        var x = BigInteger.ModPow(witness, odd, n);
        if (x.IsOne || x == n - 1)
        {
            return true;
        }

        for (var i = 1; i < twos; i++)
        {
            x = BigInteger.ModPow(x, 2, n);
            if (x == n - 1)
            {
                return true;
            }
        }

        return false;
    }

    private static BigInteger Inverse(BigInteger a, BigInteger modulus)
    {
        var (r0, r1, t0, t1) = (modulus, a % modulus, BigInteger.Zero, BigInteger.One);
        while (!r1.IsZero)
        {
            var quotient = r0 / r1;
            (r0, r1) = (r1, r0 - (quotient * r1));
            (t0, t1) = (t1, t0 - (quotient * t1));
        }

        return t0.Sign < 0 ? t0 + modulus : t0;
    }

    private static byte[] Bytes(BigInteger value, int length)
    {
        var bytes = new byte[length];
        var text = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        text.CopyTo(bytes, length - text.Length);
        return bytes;
    }
}
