using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Messaging.Breaker.RabbitMq.Sharing;
using Messaging.Breaker.Redis;

namespace Messaging.Breaker.Tests.Sharing;

/// <summary>
/// Documents exactly as earlier versions of the library wrote them: in a rolling upgrade, both versions are in one fleet, and a state
/// outlives them. "before-formats" comes from the last version whose documents do not name their format.
/// </summary>
public class WrittenFormatsTests
{
    static readonly SharedBreakerState Open = new()
    {
        Breaker = "payments",
        Version = 4,
        State = BreakerState.Open,
        Cause = TransitionCause.ConsecutiveFailures,
        Reason = "10 failures in a row, the latest TimeoutException",
        Instance = "one",
        Length = TimeSpan.FromSeconds(5),
        Age = TimeSpan.FromSeconds(1),
    };

    static readonly SharedBreakerState Isolated = new()
    {
        Breaker = "orders",
        Version = 7,
        State = BreakerState.Isolated,
        Mode = BreakerMode.Shadow,
        Cause = TransitionCause.Operator,
        Reason = "maintenance",
        Instance = "two",
        Age = TimeSpan.Zero,
    };

    static readonly SharedBreakerState Closed = new()
    {
        Breaker = "email",
        Version = 1,
        State = BreakerState.Closed,
        Cause = TransitionCause.ProbesSucceeded,
        Reason = "2 of 2 probes succeeded",
        Instance = "three",
        Age = TimeSpan.Zero,
    };

    static readonly LeaseProbe Lease = new("payments", 4, "one", TimeSpan.FromSeconds(5));

    static readonly Announce Member = new("one", ["payments"], TimeSpan.FromSeconds(30));

    static readonly MessageFormat Messages = MessageFormat.Default;

    static readonly Dictionary<string, Document> Documents = new()
    {
        ["redis-open"] = OnRedis(Open),
        ["redis-isolated"] = OnRedis(Isolated),
        ["redis-closed"] = OnRedis(Closed),
        ["command-read"] = OnBus(new Read(["payments", "orders"]), Messages.Command),
        ["command-change"] = OnBus(new Change(Open), Messages.Command),
        ["command-leaseprobe"] = OnBus(Lease, Messages.Command),
        ["command-announce"] = OnBus(Member, Messages.Command),
        ["command-leave"] = OnBus(new Leave("one"), Messages.Command),
        ["answer-states"] = OnBus(new Answer([Open, Isolated]), Messages.Answer),
        ["answer-lease"] = OnBus(new Answer(IsGranted: true), Messages.Answer),
        ["answer-census"] = OnBus(new Answer(Census: new FleetMembership(3, new Dictionary<string, int> { ["payments"] = 2 })), Messages.Answer),
        ["notice"] = OnBus(new Notice([Open, Isolated, Closed], true), Messages.Notice),
        ["snapshot"] = OnBus(
            new Snapshot(12, DateTimeOffset.UnixEpoch.AddDays(20_000), [Open, Isolated, Closed], [Lease], [Member]), Messages.Snapshot),
    };

    public static TheoryData<string> Names => [.. Documents.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Documents_from_before_formats_still_mean_the_same(string name)
    {
        var (meant, rewrite) = Documents[name];
        var rewritten = rewrite(await ReadAsync("before-formats", name));
        Assert.Equal(WithoutFormats(meant), WithoutFormats(rewritten!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Documents_are_still_written_in_format_1(string name)
    {
        var (meant, rewrite) = Documents[name];
        var written = await ReadAsync("format-1", name);
        Assert.Equal(written, meant);
        Assert.Equal(written, rewrite(written));
    }

    static Document OnRedis(SharedBreakerState state) => new(StateFormat.Write(state), text => StateFormat.Read(text) is { } read ? StateFormat.Write(read) : null);

    static Document OnBus<T>(T message, JsonTypeInfo<T> type) where T : class => new(
        JsonSerializer.Serialize(message, type),
        text => MessageFormat.Parse(Encoding.UTF8.GetBytes(text), type, "queue", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance) is { } read
            ? JsonSerializer.Serialize(read, type)
            : null);

    static async Task<string> ReadAsync(string folder, string name) => (await File.ReadAllTextAsync(
        Path.Combine(AppContext.BaseDirectory, "Sharing", "Written", folder, name + ".json"), TestContext.Current.CancellationToken)).TrimEnd();

    static string WithoutFormats(string document) => document
        .Replace("\"format\":0,", "", StringComparison.Ordinal).Replace("\"format\":1,", "", StringComparison.Ordinal)
        .Replace(",\"format\":0", "", StringComparison.Ordinal).Replace(",\"format\":1", "", StringComparison.Ordinal);

    /// <summary>What is written now, and a function that reads a document and writes it again.</summary>
    sealed record Document(string Written, Func<string, string?> Rewrite);
}
