using Belljar.Hosting;
using Belljar.Mail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Transfer;

/// <summary>
/// Takes the messages of an mbox or a Maildir into a mailbox. Each is durable before it is counted; nothing is left out,
/// not even what is there already.
/// </summary>
public static class MailImporter
{
    /// <param name="path">An mbox (a file) or a Maildir (a folder).</param>
    /// <param name="progress">Told how many messages are in, after each.</param>
    /// <returns>The number of messages.</returns>
    /// <exception cref="OperatorException">The path is neither, the mailbox is not configured, the mail worker runs, or the disk refuses.</exception>
    public static async Task<int> RunAsync(
        string mailData, MailOptions options, string mailbox, string path, TimeProvider clock, Action<int>? progress, CancellationToken ct)
    {
        var target = options.FindMailbox(mailbox) ?? throw new OperatorException($"mailbox '{mailbox}' is not configured, so nothing can be stored in it.");
        using var mbox = Directory.Exists(path) ? null : OpenMbox(path);
        var messages = mbox is null ? MaildirReader.Read(path) : new MboxReader(mbox, path, clock).Read();
        using var store = Open(mailData, options, clock);
        var count = 0;
        foreach (var message in messages)
        {
            ct.ThrowIfCancellationRequested();
            if (await store.ImportAsync(message, target) is not [_])
            {
                throw new OperatorException($"message {count + 1} could not be stored; {count} before it are in the mailbox. Is the disk full?");
            }

            count++;
            progress?.Invoke(count);
        }

        return count;
    }

    /// <summary>What in a Maildir is not imported with it.</summary>
    public static IReadOnlyList<string> LeftOut(string path) => Directory.Exists(path) ? MaildirReader.Subfolders(path) : [];

    private static MailStore Open(string mailData, MailOptions options, TimeProvider clock)
    {
        try
        {
            return MailStore.Open(mailData, options, clock, NullLogger<MailStore>.Instance);
        }
        catch (OperatorException held)
        {
            throw new OperatorException($"the mailboxes have one writer at a time: {held.Message} (belljar workers stop mail, and start it again afterwards)");
        }
    }

    private static FileStream OpenMbox(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{path} cannot be read: {failed.Message}");
        }
    }
}
