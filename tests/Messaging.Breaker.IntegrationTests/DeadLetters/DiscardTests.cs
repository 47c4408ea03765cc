using System.Text.Json;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

public sealed class DiscardTests(BrokerFixture broker) : IDisposable
{
    readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("messaging-breaker-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Discarded_messages_are_in_the_file_and_the_rest_stay_in_the_queue()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 300, redriven.Worker.Queue, change: (number, headers) => Name(headers, number % 2 == 0 ? "old" : "new"));
        await errors.PublishAsync(300, 1, redriven.Worker.Queue, [0xff], Old);
        var group = (await redriven.LookAsync()).Groups.Single(group => group.Text == "old");
        var file = Path.Combine(_directory.FullName, "old.jsonl");

        var run = await DiscardAsync(redriven, new DiscardOrder { Reason = "test", Group = group.Key, File = file });

        Assert.Equal((DeadLetterRunState.Completed, 151, file), (run.State, run.Moved, run.File));
        Assert.Equal(Enumerable.Range(0, 300).Where(number => number % 2 == 1), await errors.TakeNumbersAsync());
        var lines = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(151, lines.Count);
        Assert.Equal("north", lines[0].GetProperty("headers").GetProperty("tenant").GetString());
        Assert.Contains("\"number\":0", lines[0].GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.Equal("/w==", lines[^1].GetProperty("bodyBase64").GetString());
    }

    [Fact]
    public async Task Without_a_file_a_discard_needs_the_name_of_the_queue_as_confirmation()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 20, redriven.Worker.Queue);
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => DiscardAsync(redriven, new DiscardOrder { Reason = "test" }));
        Assert.Contains($"confirm with '{redriven.Errors}'", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => DiscardAsync(redriven, new DiscardOrder { Reason = "test", ConfirmLossOf = "yes" }));
        await Assert.ThrowsAsync<ArgumentException>(() => DiscardAsync(redriven, new DiscardOrder { Reason = " ", ConfirmLossOf = redriven.Errors }));
        Assert.Equal(20u, await errors.CountAsync());

        Assert.Equal(20, (await DiscardAsync(redriven, new DiscardOrder { Reason = "test", ConfirmLossOf = redriven.Errors })).Moved);
        Assert.Equal(0u, await errors.CountAsync());
    }

    [Fact]
    public async Task An_existing_file_is_not_overwritten()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 20, redriven.Worker.Queue);
        var file = Path.Combine(_directory.FullName, "there.jsonl");
        await File.WriteAllTextAsync(file, "precious", TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<DeadLetterException>(() => DiscardAsync(redriven, new DiscardOrder { Reason = "test", File = file }));
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(20u, await errors.CountAsync());
        Assert.Equal("precious", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    static void Old(int number, Dictionary<string, object?> headers) => Name(headers, "old");

    static void Name(Dictionary<string, object?> headers, string text) => (headers["MT-Fault-Message"], headers["MT-Fault-MessageType"]) = (text, "Work");

    static Task<DeadLetterRun> DiscardAsync(Redriven redriven, DiscardOrder order) =>
        redriven.DeadLetters.DiscardAsync(redriven.Errors, order, cancellationToken: TestContext.Current.CancellationToken);
}
