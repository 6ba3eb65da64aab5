using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Belljar.Egress.Certificates;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;

namespace Belljar.Egress.Tests.Secrets;

/// <summary>A record prints all that it holds unless it says otherwise; whatever is printed ends in a log one day.</summary>
public partial class PrintingTests
{
    private const string Real = "r3al-s3cret-value-1";

    [Fact]
    [SuppressMessage("ApiDesign", "RS0030", Justification = "All types are what this test is about.")]
    public void NoRecord_PrintsASecretOfItsOwn()
    {
        var records = typeof(EgressGate).Assembly.GetTypes().Where(type => type is { IsClass: true, ContainsGenericParameters: false } && type.GetMethod("<Clone>$") is not null).ToList();
        Assert.True(records.Count > 10, "records are found by the method that copies them");

        Assert.Empty(records.SelectMany(Printed));
    }

    [Fact]
    public void WhatAGateIsTrustedWith_IsNotPrintedThroughWhatHoldsIt()
    {
        var secrets = new GateSecrets(
            new AuthorityPem("certificate", Real), [], [new Credential("token_ref A", Real, "placeholder-0123456789")], [new KnownSecret("A_TOKEN", Real)]);
        var configuration = new GateConfiguration("dev-abcde", "dev", EgressOptions.DenyAll, secrets, "/run/ingest.sock", "/spool");

        foreach (object printed in new object[] { secrets, secrets.Authority, secrets.Credentials[0], secrets.Known[0], configuration })
        {
            Assert.DoesNotContain(Real, printed.ToString());
            Assert.DoesNotContain("placeholder-0123456789", printed.ToString());
        }
    }

    /// <summary>Every text that by its name is a secret, and stands in what the record prints.</summary>
    private static IEnumerable<string> Printed(Type record)
    {
        var one = RuntimeHelpers.GetUninitializedObject(record);
        foreach (var field in record.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(field => field.FieldType == typeof(string)))
        {
            field.SetValue(one, $"printed {Name().Match(field.Name).Groups["name"].Value}.");
        }

        string text;
        try
        {
            text = one.ToString()!;
        }
        catch (Exception error) when (error is NullReferenceException or ArgumentNullException)
        {
            return []; // What it prints is made of something else than texts.
        }

        return Secret().Matches(text).Select(match => $"{record.Name}: {match.Value}");
    }

    [GeneratedRegex("^<(?<name>.*)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"printed \w*(Value|Placeholder|KeyPem|Secret|Password|Token)\.", RegexOptions.None, 1000)]
    private static partial Regex Secret();
}
