using System.Globalization;
using System.Text;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Signing;

/// <summary>
/// The keys on the disk, readable by their owner alone:
/// <code>
/// dkim/&lt;domain&gt;/current                    the name of the pair that signs
/// dkim/&lt;domain&gt;/&lt;name&gt;/rsa.pem, ed25519.pem
/// dkim/&lt;domain&gt;/&lt;selector&gt;.txt             the public half of each, as it is to be published
/// </code>
/// A new pair waits until it is used: its records have to be published first, or every message fails its verification.
/// </summary>
/// <param name="mailData">The folder that holds <c>inbox</c> and <c>sent</c>.</param>
public sealed class DkimKeyStore(string mailData, TimeProvider clock)
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Current = "current";
    private const string RsaFile = "rsa.pem";
    private const string Ed25519File = "ed25519.pem";

    private readonly string _root = Path.Combine(mailData, "dkim");

    /// <summary>Makes a pair; the first one of a domain is used at once.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string Generate(string domain)
    {
        domain = AddressPattern.Normal(domain);
        CreatePrivate(_root);
        CreatePrivate(Folder(domain));
        var name = FreeName(domain);
        using var pair = DkimKeyPair.Generate(domain, name);
        var staged = Path.Combine(Folder(domain), MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        CreatePrivate(staged);
        WriteNew(Path.Combine(staged, RsaFile), pair.RsaPem());
        WriteNew(Path.Combine(staged, Ed25519File), pair.Ed25519Pem());
        DurableFiles.SyncFolder(staged);
        WritePublic(domain, pair);
        Directory.Move(staged, Path.Combine(Folder(domain), name));
        DurableFiles.SyncFolder(Folder(domain));
        if (CurrentName(domain) is null)
        {
            Use(domain, name);
        }

        return name;
    }

    /// <summary>From now on this pair signs.</summary>
    /// <returns>False where there is no such pair.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public bool Use(string domain, string name)
    {
        domain = AddressPattern.Normal(domain);
        if (!Names(domain).Contains(name))
        {
            return false;
        }

        var staged = Path.Combine(Folder(domain), MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        WriteNew(staged, name + "\n");
        File.Move(staged, Path.Combine(Folder(domain), Current), overwrite: true);
        DurableFiles.SyncFolder(Folder(domain));
        return true;
    }

    /// <summary>The pairs of a domain, oldest first.</summary>
    public IReadOnlyList<string> Names(string domain)
    {
        var folder = Folder(AddressPattern.Normal(domain));
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => name[0] != '.').Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>The name of the pair that signs; null where there is none.</summary>
    public string? CurrentName(string domain)
    {
        try
        {
            var name = File.ReadAllText(Path.Combine(Folder(AddressPattern.Normal(domain)), Current)).Trim();
            return Names(domain).Contains(name) ? name : null;
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The records of a pair; none where there is no such pair.</summary>
    public IReadOnlyList<DkimRecord> Records(string domain, string name)
    {
        using var pair = Load(AddressPattern.Normal(domain), name);
        return pair?.Records() ?? [];
    }

    /// <returns>Null where there is no such pair, or its files are no keys.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    internal DkimKeyPair? Load(string domain, string name)
    {
        var folder = Path.Combine(Folder(domain), name);
        return Names(domain).Contains(name) && File.Exists(Path.Combine(folder, RsaFile)) && File.Exists(Path.Combine(folder, Ed25519File))
            ? DkimKeyPair.FromPem(domain, name, File.ReadAllText(Path.Combine(folder, RsaFile)), File.ReadAllText(Path.Combine(folder, Ed25519File)))
            : null;
    }

    /// <summary>When the choice was last made; whoever signs looks whether it changed.</summary>
    internal DateTime CurrentStamp(string domain) => File.GetLastWriteTimeUtc(Path.Combine(Folder(domain), Current));

    private string Folder(string domain) =>
        domain.Contains('/') || domain.StartsWith('.') ? throw new ArgumentException($"'{domain}' is no domain.", nameof(domain)) : Path.Combine(_root, domain);

    /// <summary>Selectors are seen by everybody: they say the day and nothing else.</summary>
    private string FreeName(string domain)
    {
        var day = "s" + clock.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var taken = Names(domain);
        return Enumerable.Range(1, 1000).Select(n => n == 1 ? day : $"{day}-{n}").First(name => !taken.Contains(name));
    }

    /// <summary>Whoever says what to publish opens no key for it. What a crash left of a name that was never used is written over.</summary>
    private void WritePublic(string domain, DkimKeyPair pair)
    {
        foreach (var (selector, record) in new[] { pair.RsaSelector, pair.Ed25519Selector }.Zip(pair.Records()))
        {
            var staged = Path.Combine(Folder(domain), MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
            WriteNew(staged, record.Text + "\n");
            File.Move(staged, Path.Combine(Folder(domain), selector + ".txt"), overwrite: true);
        }
    }

    private static void CreatePrivate(string path)
    {
        DurableFiles.CreateFolder(path);
        File.SetUnixFileMode(path, OwnersFolder);
    }

    private static void WriteNew(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersFile });
        FolderOwner.Give(file.SafeFileHandle, path);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
