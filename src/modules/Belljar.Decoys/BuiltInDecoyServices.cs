using Belljar.Contracts;
using Belljar.Decoys.Http;
using Belljar.Decoys.Redis;
using Belljar.Decoys.Vnc;

namespace Belljar.Decoys;

/// <summary>Every service that a decoy can offer.</summary>
public static class BuiltInDecoyServices
{
    public static readonly DecoyService Http = HttpService.Definition;

    public static readonly DecoyService Redis = RedisService.Definition;

    public static readonly DecoyService Vnc = VncService.Definition;

    public static readonly Registry<DecoyService> All = new("decoy service", Http, Redis, Vnc);
}
