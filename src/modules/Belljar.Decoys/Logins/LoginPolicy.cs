using Belljar.Manifest;

namespace Belljar.Decoys.Logins;

/// <summary>A name and a password that open a decoy, planted to be found.</summary>
public sealed record LoginAccount(string User, string Password);

/// <summary>Who is let in: <c>logins: never</c>, or any of <c>{after: 3, always: [guest], accounts: [{user, password}]}</c>.</summary>
/// <param name="After">So many tries from one address fail, and every later one succeeds; null: that never happens.</param>
/// <param name="Always">These get in with whatever they show.</param>
/// <param name="Accounts">These get in with their password.</param>
public sealed record LoginPolicy(int? After, IReadOnlyList<string> Always, IReadOnlyList<LoginAccount> Accounts)
{
    public static readonly LoginPolicy Never = new(null, [], []);

    /// <summary>Somebody gets in without knowing a password: a mechanism that proves both sides' knowledge cannot serve that.</summary>
    public bool AdmitsUnknownSecrets => After is not null || Always.Count > 0;

    public static LoginPolicy Read(SettingsReader section)
    {
        if (section.Node("logins") is null or SettingsScalar { IsNull: false })
        {
            return section.Optional("logins", Never, Word.Of(("never", Never)));
        }

        var logins = section.Section("logins");
        return new LoginPolicy(
            logins.OptionalValue("after", Number.Between(1, 1000)),
            logins.List("always", Text.OneLine, atMost: 100),
            [.. logins.Sections("accounts", atMost: 100).Select(account =>
                new LoginAccount(account.Required("user", Text.OneLine), account.Required("password", Text.Secret)))]);
    }
}
