using MassTransit;
using Polly;
using Polly.CircuitBreaker;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>The filter that a team would write to use Polly's breaker in a consumer's pipe.</summary>
sealed class PollyFilter : IFilter<ConsumeContext>
{
    readonly ResiliencePipeline _polly = new ResiliencePipelineBuilder().AddCircuitBreaker(new CircuitBreakerStrategyOptions()).Build();

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var result = _polly.ExecuteAsync(
            static (message, _) => new ValueTask(message.next.Send(message.context)), (next, context), context.CancellationToken);
        return result.IsCompletedSuccessfully ? Task.CompletedTask : result.AsTask();
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("polly");
}
