namespace Belljar.Mail.Tls;

/// <summary>Where certificate and key lie, both PEM; the certificate's file may go on with those that lead to its root.</summary>
public sealed record TlsFiles(string Certificate, string Key);
