using System.Text.Json;

namespace OutageDrill.Workers;

/// <summary>What a worker is told. By its environment, since the address may hold a password and arguments are seen by everybody.</summary>
/// <param name="HasSlowRule">Whether the breaker is told what a slow call is. Only ours can be.</param>
sealed record WorkerSettings(string Variant, Uri Broker, string Queue, int Prefetch, int DependencyPort, bool HasSlowRule)
{
    public const string Variable = "OUTAGE_DRILL_WORKER";

    public static WorkerSettings? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } json ? JsonSerializer.Deserialize<WorkerSettings>(json) : null;

    public override string ToString() => Variant;

    public string ToJson() => JsonSerializer.Serialize(this);
}
