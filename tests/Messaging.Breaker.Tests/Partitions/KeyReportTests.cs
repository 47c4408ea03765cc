using System.Globalization;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Partitions;

/// <summary>What a breaker reports about its keys.</summary>
public class KeyReportTests
{
    [Fact]
    public async Task The_worst_keys_are_ordered_by_state_then_by_waiting_messages_then_by_time()
    {
        await using var pipeline = await StartAsync();
        var keys = pipeline.Breaker.Keys!;
        foreach (var key in (string[])["held", "first", "second", "busy", "back", "healthy"])
        {
            if (key == "held")
                keys[key].Isolate("it moves house");
            else if (key is not ("back" or "healthy"))
                keys[key].Trip("test");
            pipeline.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Park(pipeline, "busy", 10);
        Park(pipeline, "held", 1_000);
        Park(pipeline, "back", 5_000);
        _ = keys["healthy"].State;
        Assert.Equal(["busy", "first", "second", "held", "back"], keys.Worst(9).Select(key => key.Key));
        Assert.Equal(["busy", "first"], keys.Worst(2).Select(key => key.Key));
        Assert.Empty(keys.Worst(0));

        var summary = keys.Summarize();
        Assert.Equal((3, 0, 1, 1, 6), (summary.Open, summary.HalfOpen, summary.Isolated, summary.Emptying, summary.Remembered));
        Assert.Equal(6_010, summary.Parked);
    }

    [Fact]
    public async Task A_key_in_any_state_is_found_by_a_part_of_it_and_an_exact_match_comes_first()
    {
        await using var pipeline = await StartAsync();
        var keys = pipeline.Breaker.Keys!;
        foreach (var key in (string[])["ACME Rome", "acme", "my acme", "globex"])
            _ = keys[key].State;
        keys["my acme"].Trip("test");
        Assert.Equal(["acme", "my acme", "ACME Rome"], keys.Find("acme", 10).Select(key => key.Key));
        Assert.Equal(["acme"], keys.Find("acme", 1).Select(key => key.Key));
        Assert.Equal(4, keys.Find("", 10).Count);
        Assert.Empty(keys.Find("initech", 10));
    }

    [Fact]
    public async Task A_very_long_key_is_found_by_the_whole_of_it()
    {
        await using var pipeline = await StartAsync();
        var keys = pipeline.Breaker.Keys!;
        var name = new string('x', 10_000);
        keys[name].Trip("test");
        keys[name + "y"].Trip("test");
        var found = Assert.Single(keys.Find(name, 10)).Key;
        Assert.Equal(200, found.Length);
        Assert.Equal(BreakerState.Open, keys[found].State);
    }

    [Fact]
    public async Task A_key_is_never_cut_within_a_character_and_no_half_of_one_is_kept()
    {
        await using var pipeline = await StartAsync();
        var keys = pipeline.Breaker.Keys!;
        for (var shift = 0; shift < 2; shift++)
            keys[new string('x', shift) + string.Concat(Enumerable.Repeat("😀", 200))].Trip("test");
        keys["a lone \uD83D half"].Trip("test");
        Assert.All(keys.NotClosed, key => Assert.Equal(key.Key, Roundtrip(key.Key)));
        Assert.Equal(3, keys.NotClosed.Count);

        static string Roundtrip(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task A_report_of_ten_thousand_keys_names_only_a_few()
    {
        await using var pipeline = await StartAsync();
        var keys = pipeline.Breaker.Keys!;
        foreach (var number in Enumerable.Range(0, 10_000))
            keys[number.ToString(CultureInfo.InvariantCulture)].Isolate("test");
        Assert.Equal(5, keys.Worst(5).Count);
        Assert.Equal(10_000, keys.Summarize().Isolated);
        Assert.Equal("77", keys.Find("77", 20)[0].Key);
    }

    static void Park(Pipeline pipeline, string key, long messages)
    {
        var partition = (Partition)pipeline.Breaker.Keys!;
        var parked = new ParkedMessages(partition.ParkedSizes, pipeline.Clock.GetUtcNow());
        partition.Get(key).AddQueue(parked);
        parked.Count(messages, 0, 0, isEmpty: false, pipeline.Clock.GetUtcNow());
    }

    static Task<Pipeline> StartAsync() => Pipeline.StartAsync(Pipeline.Works, options => options.PartitionBy<Work>(_ => null));
}
