namespace OutageDrill.Scenarios;

sealed record Scenario(string Id, string Title, int Messages, int Rate, Timeline Timeline)
{
    public const int Prefetch = 32;

    public static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(5);

    public static Scenario Outage { get; } = new("outage", "An outage of six seconds", 5_000, 500, Down((2, 8)));

    /// <summary>
    /// The same outage, but the dependency holds its calls. The time that a worker without a breaker then needs for the backlog is the best possible.
    /// </summary>
    public static Scenario Held { get; } = new("held", "A dependency that holds its calls for six seconds", 5_000, 500, new(new Phase(Condition.Held, 2, 8)));

    public static IReadOnlyList<Scenario> Others { get; } =
    [
        new("long", "A long outage: down for 60 s", 6_600, 100, Down((2, 62))),
        new("flapping", "A flapping dependency: down for 3 s, up for 2 s, five times", 2_800, 100, Down((2, 5), (7, 10), (12, 15), (17, 20), (22, 25))),
        new("half-dead", "A half-dead dependency: one call in three fails, for 20 s", 2_400, 100, new(new Phase(Condition.HalfDead, 2, 22))),
        new("slow", "A slow dependency: each call takes 1 s in place of 5 ms, for 10 s", 1_400, 100, new(new Phase(Condition.Slow, 2, 12))),
    ];

    /// <summary>How many seconds a backlog takes at that many messages a second, while others keep arriving.</summary>
    public double DrainTime(int backlog, double throughput) => backlog / (throughput - Rate);

    /// <summary>How many messages a second a worker handles if it drains a backlog in this time.</summary>
    public double Throughput(int backlog, double drainTime) => (backlog / drainTime) + Rate;

    static Timeline Down(params (double From, double To)[] outages) =>
        new([.. outages.Select(outage => new Phase(Condition.Down, outage.From, outage.To))]);
}
