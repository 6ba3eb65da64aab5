using Belljar.Mail.Indexing;
using Belljar.Mail.LocalSocket;
using Belljar.Mail.Reading;

namespace Belljar.Mcp.Mail;

/// <summary>Where the tools find mail: messages are read from their files, everything else is asked of the daemon.</summary>
/// <param name="Reader">A reader over the files, and over an index when one is given.</param>
/// <param name="Index">Opens the index, for a search.</param>
public sealed record MailHome(Func<MailIndex?, MailReader> Reader, Func<MailIndex> Index, MailSocketClient Daemon);
