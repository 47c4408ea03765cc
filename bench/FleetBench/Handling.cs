using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using Messaging.Breaker;

namespace FleetBench;

/// <summary>Sends messages at a steady rate through a guarded endpoint, in turns with a Redis that answers and with one that hangs.</summary>
static class Handling
{
    const int Turns = 20;
    const int MessagesInTurn = 1_000;
    const double Limit = 1.1;
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    public static async Task<int> MeasureAsync(string redis, int pid)
    {
        var spans = new ConcurrentBag<double>();
        await using var fleet = await Fleet.StartAsync(redis, 1, 1, services => services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ReceiveEndpoint("handling", endpoint =>
                {
                    endpoint.UseBreaker("b0");
                    endpoint.Handler<Work>(async message =>
                    {
                        await Task.Delay(5);
                        spans.Add(Stopwatch.GetElapsedTime(message.Message.SentAt).TotalMilliseconds);
                    });
                });
            });
        }));
        var endpoint = await fleet.Get<IBus>().GetSendEndpoint(new Uri("queue:handling"));
        await TurnAsync(endpoint, spans);
        List<IReadOnlyList<double>> answering = [], hanging = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            answering.Add(await TurnAsync(endpoint, spans));
            AsyncSignal(pid, "STOP");
            try
            {
                hanging.Add(await TurnAsync(endpoint, spans));
            }
            finally
            {
                AsyncSignal(pid, "CONT");
            }
        }

        var ratio = Print("Redis hangs", hanging) / Print("Redis answers", answering);
        Console.WriteLine($"p99 with Redis hanging / answering: {ratio:0.000} (limit {Limit})");
        return ratio <= Limit ? 0 : 1;
    }

    static async Task<IReadOnlyList<double>> TurnAsync(ISendEndpoint endpoint, ConcurrentBag<double> spans)
    {
        spans.Clear();
        var start = Stopwatch.GetTimestamp();
        for (var message = 0; message < MessagesInTurn; message++)
        {
            await endpoint.Send(new Work(Stopwatch.GetTimestamp()));
            var ahead = (message + 1) * Interval - Stopwatch.GetElapsedTime(start);
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead);
        }

        while (spans.Count < MessagesInTurn)
            await Task.Delay(10);
        return [.. spans];
    }

    /// <summary>Prints the median of the turns, because a busy machine spoils the tail of single ones.</summary>
    static double Print(string what, List<IReadOnlyList<double>> turns)
    {
        var median = Figures.Quantile([.. turns.Select(turn => Figures.Quantile(turn, 0.5))], 0.5);
        var p99 = Figures.Quantile([.. turns.Select(turn => Figures.Quantile(turn, 0.99))], 0.5);
        Console.WriteLine($"{what}: {turns.Count} turns of {MessagesInTurn} messages, ms: median {median:0.00}, p99 {p99:0.00}");
        return p99;
    }

    static void AsyncSignal(int pid, string signal) => Process.Start("kill", [$"-{signal}", $"{pid}"]).WaitForExit();

    public sealed record Work(long SentAt);
}
