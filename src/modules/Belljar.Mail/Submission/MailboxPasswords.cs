using Belljar.Mail.Storage;

namespace Belljar.Mail.Submission;

/// <summary>Sets the passwords with which people log in to mailboxes. A daemon that runs needs not be told.</summary>
public static class MailboxPasswords
{
    public const int Shortest = 8;
    public const int Longest = 256;

    /// <param name="mailData">The folder that holds <c>inbox</c> and <c>sent</c>.</param>
    /// <exception cref="ArgumentException">The mailbox's name is none, or the password too short or too long.</exception>
    public static void Set(string mailData, string mailbox, string password)
    {
        if (!MailSettings.IsMailboxName(mailbox) || password.Length is < Shortest or > Longest || password.Any(char.IsControl))
        {
            throw new ArgumentException($"A password has {Shortest} to {Longest} characters and no control characters.", nameof(password));
        }

        new LoginFiles(new MailLayout(mailData)).Write(mailbox, password);
    }

    /// <returns>False where there was none.</returns>
    public static bool Remove(string mailData, string mailbox) => MailSettings.IsMailboxName(mailbox) && new LoginFiles(new MailLayout(mailData)).Remove(mailbox);
}
