using System.Globalization;
using Messaging.Breaker.ChaosTests.Stores;

namespace Messaging.Breaker.ChaosTests;

/// <summary>The settings that test.sh passes in the environment.</summary>
static class ChaosSettings
{
    const string Prefix = "MESSAGING_BREAKER_CHAOS_";
    const int DefaultSchedules = 20;

    /// <summary>The directory for the report and for the logs of failing schedules.</summary>
    public static string Results => Read("RESULTS") ?? Path.Combine(AppContext.BaseDirectory, "chaos");

    /// <summary>The store that all workers share; null to draw one for each schedule.</summary>
    public static SharedStore? Store => Read("SHARE") is { } text ? Enum.Parse<SharedStore>(text, ignoreCase: true) : null;

    /// <summary>Whether the schedules run on a cluster of three nodes instead of single nodes.</summary>
    public static bool IsCluster => Read("CLUSTER") is not null;

    /// <summary>Whether dead letters are redriven amid faults at the end of each schedule.</summary>
    public static bool Redrives => Read("REDRIVE") is not null;

    /// <summary>Whether the orders belong to merchants that each have their own breaker, and payments fails for some of them.</summary>
    public static bool HasKeys => Read("KEYS") is not null;

    /// <summary>Whether an operator holds the fleet's endpoint amid the faults.</summary>
    public static bool Holds => Read("HOLD") is not null;

    /// <summary>The seed decides the lane, so that a seed draws the same schedule when it runs alone.</summary>
    public static TheoryData<int> SeedsOf(int lane, int lanes) => IsCluster ? [] : Seeds(seed => seed % lanes == lane);

    /// <summary>The seeds for the cluster, which has one lane because it already is three nodes.</summary>
    public static TheoryData<int> ClusterSeeds => IsCluster ? Seeds(_ => true) : [];

    static TheoryData<int> Seeds(Func<int, bool> isWanted)
    {
        var first = Number("SEED") ?? 1;
        return [.. Enumerable.Range(first, Number("SCHEDULES") ?? DefaultSchedules).Where(isWanted)];
    }

    static int? Number(string name) => Read(name) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    static string? Read(string name) => Environment.GetEnvironmentVariable(Prefix + name) is { Length: > 0 } value ? value : null;
}
