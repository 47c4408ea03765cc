using System.Globalization;
using Messaging.Breaker.ChaosTests.Stores;

namespace Messaging.Breaker.ChaosTests;

/// <summary>What test.sh sets in the environment.</summary>
static class ChaosSettings
{
    const string Prefix = "MESSAGING_BREAKER_CHAOS_";
    const int DefaultSchedules = 20;

    /// <summary>Where the report is written, and what is known of failing schedules is kept.</summary>
    public static string Results => Read("RESULTS") ?? Path.Combine(AppContext.BaseDirectory, "chaos");

    /// <summary>Where the workers of every schedule share; null to draw it.</summary>
    public static SharedStore? Store => Read("SHARE") is { } text ? Enum.Parse<SharedStore>(text, ignoreCase: true) : null;

    /// <summary>Whether the schedules strike a cluster of three instead of single nodes.</summary>
    public static bool IsCluster => Read("CLUSTER") is not null;

    /// <summary>Whether dead letters are redriven at the end of each schedule, amid faults.</summary>
    public static bool Redrives => Read("REDRIVE") is not null;

    /// <summary>Whether the orders belong to merchants, each with a breaker of its own, and payments fails for some of them.</summary>
    public static bool HasKeys => Read("KEYS") is not null;

    /// <summary>Whether an operator holds the fleet's endpoint amid the faults.</summary>
    public static bool Holds => Read("HOLD") is not null;

    /// <summary>Every seed has its lane, so that it draws the same schedule in a run of its own.</summary>
    public static TheoryData<int> SeedsOf(int lane, int lanes) => IsCluster ? [] : Seeds(seed => seed % lanes == lane);

    /// <summary>On the cluster: one lane, since it is three nodes already.</summary>
    public static TheoryData<int> ClusterSeeds => IsCluster ? Seeds(_ => true) : [];

    static TheoryData<int> Seeds(Func<int, bool> isWanted)
    {
        var first = Number("SEED") ?? 1;
        return [.. Enumerable.Range(first, Number("SCHEDULES") ?? DefaultSchedules).Where(isWanted)];
    }

    static int? Number(string name) => Read(name) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    static string? Read(string name) => Environment.GetEnvironmentVariable(Prefix + name) is { Length: > 0 } value ? value : null;
}
