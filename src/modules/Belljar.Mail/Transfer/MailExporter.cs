using Belljar.Hosting;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Transfer;

public enum ExportFormat
{
    Mbox,
    Maildir,
}

/// <summary>Writes a mailbox as other programs read it. It is there wholly or not at all, and nothing that exists is touched.</summary>
public static class MailExporter
{
    /// <param name="path">What is to be made: a file for an mbox, a folder for a Maildir.</param>
    /// <returns>The number of messages.</returns>
    /// <exception cref="OperatorException">The path exists, or cannot be written.</exception>
    public static int Run(
        MailReader reader, string mailbox, MailFolder folder, ExportFormat format, string path, Action<int>? progress, CancellationToken ct)
    {
        var target = Path.GetFullPath(path);
        if (Path.Exists(target))
        {
            throw new OperatorException($"{target} exists already; name something new.");
        }

        // Beside it, so that the rename at the end stays on one disk.
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $"{MailLayout.TemporaryPrefix}{Guid.NewGuid():N}");
        try
        {
            var count = 0;
            using (IMessageWriter writer = format is ExportFormat.Mbox ? new MboxWriter(temporary) : new MaildirWriter(temporary))
            {
                // Oldest first, as they came.
                foreach (var message in reader.List(mailbox, folder).Reverse())
                {
                    ct.ThrowIfCancellationRequested();
                    if (reader.Show(mailbox, message.Id, folder) is { } stored)
                    {
                        writer.Write(ExportedMessage.Of(stored));
                        count++;
                        progress?.Invoke(count);
                    }
                }
            }

            if (format is ExportFormat.Mbox)
            {
                File.Move(temporary, target, overwrite: false);
            }
            else
            {
                Directory.Move(temporary, target);
            }

            DurableFiles.SyncFolder(Path.GetDirectoryName(target)!);
            return count;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{target} cannot be written: {failed.Message}");
        }
        finally
        {
            Remove(temporary);
        }
    }

    private static void Remove(string temporary)
    {
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }
        else
        {
            File.Delete(temporary);
        }
    }
}
