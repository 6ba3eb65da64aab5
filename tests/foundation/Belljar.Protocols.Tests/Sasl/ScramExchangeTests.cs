using System.Text;
using Belljar.Protocols.Sasl;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.Sasl;

public sealed class ScramExchangeTests
{
    private const string Nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static readonly byte[] Certificate = [1, 2, 3, 4];

    /// <summary>RFC 7677, 3.</summary>
    [Fact]
    public void Exchange_OfTheRfc_IsDoneToTheByte()
    {
        var exchange = new ScramExchange(new TestCredentials(), null, isPlus: false, Nonce);
        Assert.Equal("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", Say(exchange, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        Assert.Equal(
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            Say(exchange, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        Assert.Equal(SaslStep.Done("user"), exchange.Respond(default));
    }

    [Fact]
    public void Client_OfTheTests_SaysWhatTheRfcSays()
    {
        var client = new ScramClient("user", "pencil");
        Assert.EndsWith(
            ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            client.Final("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
    }

    [Theory]
    [InlineData("user", "pencil", true)]
    [InlineData("a=2Cb=3Dc", "pencil", true)]
    [InlineData("user", "pencil2", false)]
    [InlineData("user", "", false)]
    [InlineData("nobody", "pencil", false)]
    public void Password_Decides(string user, string password, bool fits)
    {
        var exchange = new ScramExchange(new TestCredentials(), null, isPlus: false, ScramExchange.NewNonce());
        var client = new ScramClient(user, password);
        var final = exchange.Respond(Encoding.UTF8.GetBytes(client.Final(Say(exchange, client.First))));
        Assert.Equal(fits ? SaslOutcome.Challenge : SaslOutcome.Failed, final.Outcome);
        Assert.Equal(fits ? SaslOutcome.Done : SaslOutcome.Failed, exchange.Respond(default).Outcome);
    }

    [Fact]
    public void Nobody_GetsTheSameSaltEachTime()
    {
        Assert.Equal(FirstOf("nobody"), FirstOf("nobody"));
        Assert.NotEqual(FirstOf("nobody"), FirstOf("anybody"));

        static string FirstOf(string name) => Say(new ScramExchange(new TestCredentials(), null, false, "n"), $"n,,n={name},r=0123456789");
    }

    [Theory]
    [InlineData("p=tls-server-end-point,,", true, true, true)]
    [InlineData("n,,", false, true, true)]
    [InlineData("n,a=user,", false, false, true)]
    [InlineData("y,,", false, false, true)]
    [InlineData("y,,", false, true, false)] // It was told that we cannot bind, and we can: a downgrade.
    [InlineData("n,,", true, true, false)]
    [InlineData("p=tls-unique,,", true, true, false)]
    [InlineData("p=tls-server-end-point,,", false, true, false)]
    [InlineData("p=tls-server-end-point,,", true, false, false)]
    [InlineData("n,a=other,", false, false, false)]
    public void Binding_IsWhatWasOfferedAndChosen(string gs2, bool isPlus, bool isOffered, bool good)
    {
        var exchange = new ScramExchange(new TestCredentials(), isOffered ? Certificate : null, isPlus, Nonce);
        var client = new ScramClient("user", "pencil", gs2, isPlus ? Certificate : null);
        var step = exchange.Respond(Encoding.UTF8.GetBytes(client.First));
        if (good)
        {
            step = exchange.Respond(Encoding.UTF8.GetBytes(client.Final(Encoding.UTF8.GetString(step.Challenge.Span))));
        }

        Assert.Equal(good ? SaslOutcome.Challenge : SaslOutcome.Failed, step.Outcome);
    }

    [Fact]
    public void Binding_ToAnotherCertificate_Fails()
    {
        var exchange = new ScramExchange(new TestCredentials(), Certificate, isPlus: true, Nonce);
        var client = new ScramClient("user", "pencil", "p=tls-server-end-point,,", [9, 9]);
        Assert.Equal(SaslOutcome.Failed, exchange.Respond(Encoding.UTF8.GetBytes(client.Final(Say(exchange, client.First)))).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,,")]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=,r=0123456789")]
    [InlineData("n,,n=us=er,r=0123456789")]
    [InlineData("n,,m=x,n=user,r=0123456789")]
    [InlineData("n,,n=user,r=short")]
    [InlineData("n,,n=user,r=01234 56789")]
    [InlineData("x,,n=user,r=0123456789")]
    [InlineData("n,,r=0123456789,n=user")]
    public void First_ThatIsNone_FailsForGood(string first)
    {
        var exchange = new ScramExchange(new TestCredentials(), null, isPlus: false, Nonce);
        Assert.Equal(SaslOutcome.Failed, exchange.Respond(Encoding.UTF8.GetBytes(first)).Outcome);
        Assert.Equal(SaslOutcome.Failed, exchange.Respond("n,,n=user,r=0123456789"u8).Outcome);
    }

    [Fact]
    public void Final_WithAnyByteChanged_Fails()
    {
        var good = new ScramClient("user", "pencil");
        for (var i = 0; ; i++)
        {
            var exchange = new ScramExchange(new TestCredentials(), null, isPlus: false, Nonce);
            var final = Encoding.UTF8.GetBytes(good.Final(Say(exchange, good.First)));
            if (i == final.Length)
            {
                break;
            }

            final[i] ^= 1;
            var step = exchange.Respond(final);

            // Of the last base64 digit before "=" only some bits are read.
            Assert.True(step.Outcome == SaslOutcome.Failed || i == final.Length - 2, $"byte {i}");
        }
    }

    [Fact]
    public void Verifier_IsWrittenAndRead()
    {
        var verifier = ScramVerifier.Of("Ⅸ", TestCredentials.Salt, 4096);
        Assert.True(ScramVerifier.TryParse(verifier.ToString(), out var again));
        Assert.Equal(verifier.ToString(), again.ToString());
        Assert.True(again.Matches("IX"), "compatibility forms are the same password (RFC 4013)");
        Assert.False(again.Matches("\uFFFE"));
        Assert.DoesNotContain("IX", verifier.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SCRAM-SHA-1$4096:AAAA$AAAA:AAAA")]
    [InlineData("SCRAM-SHA-256$1:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$4096:?$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    public void Verifier_ThatIsNone_IsNotRead(string text) => Assert.False(ScramVerifier.TryParse(text, out _));

    [Theory]
    [InlineData("\0user\0pencil", true)]
    [InlineData("user\0user\0pencil", true)]
    [InlineData("other\0user\0pencil", false)]
    [InlineData("\0user\0pencil\0", false)]
    [InlineData("\0user\0", false)]
    [InlineData("\0\0pencil", false)]
    [InlineData("user\0pencil", false)]
    [InlineData("\0nobody\0pencil", false)]
    [InlineData("", false)]
    public void Plain_TakesNameAndPassword(string message, bool fits) =>
        Assert.Equal(fits ? SaslOutcome.Done : SaslOutcome.Failed, new PlainExchange(new TestCredentials()).Respond(Encoding.UTF8.GetBytes(message)).Outcome);

    /// <summary>Whatever is said without the password: no exception, and nobody is in.</summary>
    [Fact]
    public void AnyMessages_WithoutThePassword_LeadNowhere()
    {
        var samples = new[]
        {
            "n,,n=user,r=rOprNGfwEbeRWgbNEkqO\nc=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7Andwo=\n",
            "\0user\0pencil2",
        };
        var words = new[] { ",", "=", "n=", "r=", "p=", "c=", "a=user", "=2C", "=3D", "\0", "\n", "y,,", "p=tls-server-end-point,,", "é", "\uFFFE" };
        var tried = Fuzz.Run([.. samples.Select(Encoding.UTF8.GetBytes)], [.. words.Select(Encoding.UTF8.GetBytes)], input =>
        {
            ISaslExchange[] exchanges = [new ScramExchange(new TestCredentials(), Certificate, isPlus: false, Nonce), new ScramExchange(new TestCredentials(), Certificate, isPlus: true, Nonce)];
            foreach (var line in Encoding.Latin1.GetString(input).Split('\n'))
            {
                Assert.All(exchanges, exchange => Assert.NotEqual(SaslOutcome.Done, exchange.Respond(Encoding.Latin1.GetBytes(line)).Outcome));
            }

            Assert.False(ScramVerifier.TryParse(Encoding.Latin1.GetString(input), out _));
        });
        Assert.True(tried > 10);
    }

    private static string Say(ScramExchange exchange, string message)
    {
        var step = exchange.Respond(Encoding.UTF8.GetBytes(message));
        Assert.Equal(SaslOutcome.Challenge, step.Outcome);
        return Encoding.UTF8.GetString(step.Challenge.Span);
    }
}
