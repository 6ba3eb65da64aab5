using System.Text.Json;
using Belljar.Bottles.Manifests;
using Belljar.Bottles.Sessions;
using Belljar.Contracts;
using Belljar.Egress;
using Belljar.Egress.Policy;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Manifest;

namespace Belljar.Sessions;

/// <summary>From a bottle's file to everything that its session's supervisor has to know.</summary>
internal static class SessionPlanner
{
    public static async Task<SessionPlan> PlanAsync(string bottle, string rootfs, IReadOnlyList<string> command, BelljarPaths paths, CancellationToken ct)
    {
        var (manifest, egress) = Load(bottle, paths);
        var slug = SessionSlug.New(bottle).Value;
        var environment = Resolve(manifest);
        var secrets = await GateSecretsSource.ReadAsync(bottle, egress, new SessionSlug(slug), environment.Values, former: null, ct);
        foreach (var (name, placeholder) in GateSecretsSource.Placeholders(egress, secrets))
        {
            // What the manifest says itself wins, as everywhere.
            environment.TryAdd(name, placeholder);
        }

        var doors = egress.Forwards.Select(forward => forward.Listen).ToList();
        var gate = new GateConfiguration(slug, bottle, egress, secrets, paths.IngestSocket, paths.Spool) { Doors = doors };
        return new SessionPlan(
            slug,
            bottle,
            command,
            rootfs,
            environment,
            [.. egress.Routes.Select(route => route.Host)],
            manifest.Limits.MemoryBytes,
            manifest.Limits.Processors,
            manifest.Limits.Processes,
            secrets.Authority.CertificatePem,
            doors,
            JsonSerializer.SerializeToElement(gate, EgressJson.Default.GateConfiguration));
    }

    /// <summary>What the bottle's file says now, for the gate of a session that runs: its authority and placeholders stay.</summary>
    /// <exception cref="OperatorException">The file has mistakes, or a credential is missing.</exception>
    public static async Task<byte[]> ReplanGateAsync(SessionPlan plan, BelljarPaths paths, CancellationToken ct)
    {
        var (_, egress) = Load(plan.Bottle, paths);
        var former = plan.Gate.Deserialize(EgressJson.Default.GateConfiguration) ?? throw new OperatorException("the session's gate has no configuration.");
        var secrets = await GateSecretsSource.ReadAsync(plan.Bottle, egress, new SessionSlug(plan.Slug), [.. plan.Environment.Values], former.Secrets, ct);
        return JsonSerializer.SerializeToUtf8Bytes(former with { Egress = egress, Secrets = secrets }, EgressJson.Default.GateConfiguration);
    }

    /// <exception cref="OperatorException">The bottle's file has mistakes; all are named.</exception>
    public static (BottleManifest Manifest, EgressOptions Egress) Load(string bottle, BelljarPaths paths)
    {
        var errors = new SettingsErrors();
        return ReadEgress(new BottleLibrary(paths.Bottles).Load(bottle, Environment.CurrentDirectory, errors), errors, bottle);
    }

    /// <param name="manifest">Null when its file could not be read at all.</param>
    /// <param name="errors">The mistakes so far.</param>
    /// <param name="bottle">How messages name it.</param>
    /// <exception cref="OperatorException">There are mistakes; all are named.</exception>
    public static (BottleManifest Manifest, EgressOptions Egress) ReadEgress(BottleManifest? manifest, SettingsErrors errors, string bottle)
    {
        var egress = EgressOptions.DenyAll;
        if (manifest?.Egress is { } section)
        {
            var reader = new SettingsReader(section, "egress", errors);
            egress = EgressSection.Read(reader);
            reader.End();
        }

        if (manifest?.Forwards is { } forwards)
        {
            egress = WithForwards(egress, new SettingsReader(new SettingsMapping(forwards.Position, [new SettingsEntry("forwards", forwards.Position, forwards)]), "", errors));
        }

        return errors.Any || manifest is null
            ? throw new OperatorException($"the bottle '{bottle}' cannot be used:\n{errors}")
            : (manifest, egress);
    }

    /// <summary>The list may stand beside the section as well as in it: once.</summary>
    private static EgressOptions WithForwards(EgressOptions egress, SettingsReader reader)
    {
        if (egress.Forwards.Count > 0)
        {
            reader.Mistake("forwards", "one list of forwards", "another one stands in egress");
        }

        var forwards = EgressSection.ReadForwards(reader);
        reader.End();
        return egress with { Forwards = forwards };
    }

    /// <summary>Values of the operator's own environment are read here, once; a missing one stops the launch before anything starts.</summary>
    private static Dictionary<string, string> Resolve(BottleManifest manifest)
    {
        var errors = new SettingsErrors();
        var resolved = new Dictionary<string, string>();
        foreach (var (name, value, position) in manifest.Environment)
        {
            if (value is ['$', '{', .. var variable, '}'])
            {
                if (ProcessEnvironment.Get(variable) is { } given)
                {
                    resolved[name] = given;
                    continue;
                }

                errors.Add(new SettingsError(position, $"env.{name}", $"'{value}', which is not set here", $"a variable that is set: export {variable}=…"));
                continue;
            }

            resolved[name] = value;
        }

        return errors.Any ? throw new OperatorException($"the bottle '{manifest.Name}' cannot be started:\n{errors}") : resolved;
    }
}
