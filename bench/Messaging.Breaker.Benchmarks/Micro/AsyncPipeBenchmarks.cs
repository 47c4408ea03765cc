using MassTransit;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>The benchmarks of <see cref="PipeBenchmarks"/> with a consumer that completes later, on the thread pool.</summary>
public class AsyncPipeBenchmarks : PipeBenchmarks
{
    protected override async Task ConsumeAsync() => await Task.Yield();

    protected override void SendAll(IPipe<ConsumeContext>[] pipes, ConsumeContext<Ping> message) =>
        Task.Run(() => SendAllAsync(pipes, message)).GetAwaiter().GetResult();

    static async Task SendAllAsync(IPipe<ConsumeContext>[] pipes, ConsumeContext<Ping> message)
    {
        for (int i = 0, next = 0; i < Operations; i++)
        {
            await pipes[next].Send(message).ConfigureAwait(false);
            next = next + 1 < pipes.Length ? next + 1 : 0;
        }
    }
}
