using MassTransit;
using Messaging.Breaker.Breakers.Attempts;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The last filter before the consumer of a batch. The batch as a whole asks for a permit and is one outcome. Its messages take over the result
/// and are judged one by one in their own pipes, so a batch that waits for its verdict does not keep other messages from being compared with
/// it.
/// </summary>
sealed class BatchFilter<TConsumer, TMessage> : IFilter<ConsumerConsumeContext<TConsumer, Batch<TMessage>>>
    where TConsumer : class
    where TMessage : class
{
    public async Task Send(ConsumerConsumeContext<TConsumer, Batch<TMessage>> context, IPipe<ConsumerConsumeContext<TConsumer, Batch<TMessage>>> next)
    {
        var messages = MessagesOf(context.Message);
        if (messages.Count == 0)
        {
            await next.Send(context).ConfigureAwait(false);
            return;
        }

        var batch = new InFlightMessage(
            [.. messages[0].Attempts.Select(attempt => Whole(attempt, messages))], null, messages[0].Time, messages[0].CancellationToken);
        InFlightMessage.Current = batch;
        Exception? failure = null;
        try
        {
            batch.Begin(batch.Time.GetTimestamp());
            batch.Start();
            await next.Send(context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            Conclude(batch, messages, failure);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("breakerBatch");

    static BreakerAttempt Whole(BreakerAttempt of, List<InFlightMessage> messages)
    {
        var whole = of.Alternatives is { } group ? new AlternativeAttempt(of.Breaker, group) : new BreakerAttempt(of.Breaker);
        whole.IsRetest = messages.TrueForAll(message => message.Find(of.Breaker)?.IsRetest == true);
        return whole;
    }

    static void Conclude(InFlightMessage batch, List<InFlightMessage> messages, Exception? failure)
    {
        batch.End();
        // Its messages go back together, although they are given up one after the other.
        if (batch.CancellationToken.IsCancellationRequested)
            batch.Refuse();
        else
            batch.Conclude(failure, batch.Time.GetTimestamp());
        foreach (var message in messages)
            message.Adopt(batch);
    }

    static List<InFlightMessage> MessagesOf(Batch<TMessage> batch)
    {
        var messages = new List<InFlightMessage>(batch.Length);
        foreach (var message in batch)
            if (message.TryGetPayload(out InFlightMessage? inFlight))
                messages.Add(inFlight);
        return messages;
    }
}
