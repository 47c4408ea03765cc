using System.Text.Json;

namespace OutageDrill.Workers;

/// <summary>
/// The settings of a worker. They are passed in its environment, because the address may hold a password and everybody can see arguments.
/// </summary>
/// <param name="HasSlowRule">Whether the breaker knows what a slow call is. Only ours can.</param>
sealed record VariantSettings(string Variant, Uri Broker, string Queue, int Prefetch, int DependencyPort, bool HasSlowRule)
{
    public const string Variable = "OUTAGE_DRILL_WORKER";

    public static VariantSettings? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } json ? JsonSerializer.Deserialize<VariantSettings>(json) : null;

    public override string ToString() => Variant;

    public string ToJson() => JsonSerializer.Serialize(this);
}
