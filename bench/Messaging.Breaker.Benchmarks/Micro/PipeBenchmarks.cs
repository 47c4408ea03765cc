using BenchmarkDotNet.Attributes;
using MassTransit;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>
/// Sends a message through a MassTransit pipe to an empty consumer that completes at once. With several breakers, each has its own pipe, and messages
/// go to the pipes in turn. Each thread sends <see cref="Operations"/>, so a figure is a thread's time per message.
/// </summary>
public class PipeBenchmarks
{
    protected const int Operations = 20_000;

    IPipe<ConsumeContext>[] _pipes = [];
    Deliveries? _messages;
    Crew? _crew;

    [Params(1, 2, 8)]
    public int Threads { get; set; }

    [GlobalSetup(Target = nameof(Bare))]
    public void SetUpBare() => SetUp(Pipes.Bare);

    [GlobalSetup(Target = nameof(MassTransitBreaker))]
    public void SetUpMassTransitBreaker() => SetUp(Pipes.MassTransitBreaker);

    [GlobalSetup(Target = nameof(KillSwitch))]
    public void SetUpKillSwitch() => SetUp(Pipes.KillSwitch);

    [GlobalSetup(Target = nameof(Polly))]
    public void SetUpPolly() => SetUp(Pipes.Polly);

    [GlobalSetup(Target = nameof(MessagingBreaker))]
    public void SetUpMessagingBreaker() => SetUp(Pipes.MessagingBreaker);

    [GlobalSetup(Target = nameof(MessagingBreaker10))]
    public void SetUpMessagingBreaker10() => SetUp(Pipes.MessagingBreaker, 10);

    [GlobalSetup(Target = nameof(MessagingBreaker100))]
    public void SetUpMessagingBreaker100() => SetUp(Pipes.MessagingBreaker, 100);

    [GlobalCleanup]
    public void CleanUp()
    {
        _crew?.Dispose();
        _messages?.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void Bare() => _crew!.Run();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void MassTransitBreaker() => _crew!.Run();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void KillSwitch() => _crew!.Run();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Polly() => _crew!.Run();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void MessagingBreaker() => _crew!.Run();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void MessagingBreaker10() => _crew!.Run();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void MessagingBreaker100() => _crew!.Run();

    protected virtual Task ConsumeAsync() => Task.CompletedTask;

    protected virtual void SendAll(IPipe<ConsumeContext>[] pipes, ConsumeContext<Ping> message)
    {
        for (int i = 0, next = 0; i < Operations; i++)
        {
            if (!pipes[next].Send(message).IsCompletedSuccessfully)
                throw new InvalidOperationException("The consumer completes at once, and so must the pipe.");
            next = next + 1 < pipes.Length ? next + 1 : 0;
        }
    }

    void SetUp(Func<Func<Task>, IPipe<ConsumeContext>> pipe, int breakers = 1)
    {
        _pipes = [.. Enumerable.Range(0, breakers).Select(_ => pipe(ConsumeAsync))];
        var messages = _messages = new Deliveries(Threads);
        _crew = new Crew(Threads, thread => SendAll(_pipes, messages.Contexts[thread]));
    }
}
