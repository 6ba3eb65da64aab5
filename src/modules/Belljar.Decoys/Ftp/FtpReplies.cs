namespace Belljar.Decoys.Ftp;

/// <summary>What vsftpd says to commands that do nothing here, or that Debian's configuration forbids.</summary>
internal static class FtpReplies
{
    private const string Help = "214-The following commands are recognized.\r\n ABOR ACCT ALLO APPE CDUP CWD  DELE EPRT EPSV FEAT HELP LIST MDTM MKD\r\n"
        + " MODE NLST NOOP OPTS PASS PASV PORT PWD  QUIT REIN REST RETR RMD  RNFR\r\n RNTO SITE SIZE SMNT STAT STOR STOU STRU SYST TYPE USER XCUP XCWD XMKD\r\n XPWD XRMD\r\n214 Help OK.\r\n";

    /// <returns>Null for a command that does something, or that there is not.</returns>
    public static string? To(string verb, string argument) => verb switch
    {
        "SYST" => "215 UNIX Type: L8\r\n",
        "HELP" => Help,
        "NOOP" => "200 NOOP ok.\r\n",
        "MODE" => argument is "S" or "s" ? "200 Mode set to S.\r\n" : "504 Bad MODE command.\r\n",
        "STRU" => argument is "F" or "f" ? "200 Structure set to F.\r\n" : "504 Bad STRU command.\r\n",
        "ALLO" => "202 ALLO command ignored.\r\n",
        "REST" => $"350 Restart position accepted ({(long.TryParse(argument, out var at) && at >= 0 ? at : 0)}).\r\n",
        "ABOR" => "225 No transfer to ABOR.\r\n",

        // A connection to where the visitor says would be one that a decoy makes: it makes none.
        "PORT" => "500 Illegal PORT command.\r\n",
        "EPRT" => argument.Count(c => c == '|') == 4 ? "500 Illegal EPRT command.\r\n" : "500 Bad EPRT command.\r\n",
        "USER" => "530 Can't change to another user.\r\n",
        "PASS" => "230 Already logged in.\r\n",
        "ACCT" or "REIN" or "SMNT" => $"502 {verb} not implemented.\r\n",
        "STOR" or "STOU" or "APPE" or "MKD" or "XMKD" or "RMD" or "XRMD" or "DELE" or "RNFR" or "RNTO" or "PBSZ" or "PROT" => "550 Permission denied.\r\n",
        "SITE" => argument.Equals("HELP", StringComparison.OrdinalIgnoreCase) ? "214 UMASK HELP\r\n" : "500 Unknown SITE command.\r\n",
        _ => null,
    };
}
