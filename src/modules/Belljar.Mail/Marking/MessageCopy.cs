using Belljar.Mail.Reading;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Marking;

/// <summary>A message once more in another folder, durable and wholly there before it is listed.</summary>
internal static class MessageCopy
{
    /// <param name="content">Its own file there.</param>
    public static void Make(MessageLocation message, string target, string id, byte[] content)
    {
        var raw = MailLayout.RawFile(message.Folder, message.Id);
        if (File.Exists(raw))
        {
            var copy = Path.Combine(MailLayout.Raw(target), MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
            DurableFiles.Write(copy, File.ReadAllBytes(raw));
            File.Move(copy, MailLayout.RawFile(target, id));
            DurableFiles.SyncFolder(MailLayout.Raw(target));
        }

        var temporary = Path.Combine(target, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        if (message.Path != MailLayout.FileWithAttachments(message.Folder, message.Id))
        {
            DurableFiles.Write(temporary, content);
            File.Move(temporary, MailLayout.PlainFile(target, id));
        }
        else
        {
            DurableFiles.CreateFolder(temporary);
            foreach (var attachment in new DirectoryInfo(Path.GetDirectoryName(message.Path)!).EnumerateFiles().Where(file => file.FullName != message.Path && file.LinkTarget is null))
            {
                DurableFiles.Write(Path.Combine(temporary, attachment.Name), File.ReadAllBytes(attachment.FullName));
            }

            DurableFiles.Write(Path.Combine(temporary, id + MailLayout.MessageExtension), content);
            DurableFiles.SyncFolder(temporary);
            Directory.Move(temporary, Path.Combine(target, id));
        }

        DurableFiles.SyncFolder(target);
    }
}
