using MassTransit;
using Messaging.Breaker.Breakers.Attempts;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The outermost filter, once for each message: asks every guard for a permit before a retry, an outbox or a transaction begins.
/// </summary>
sealed class AdmissionFilter(Admission admission) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var message = admission.Guards.Begin(context);
        try
        {
            await admission.AdmitAsync(context, message).ConfigureAwait(false);
            using var place = admission.Guards.InFlight.Enter(message);
            InFlightMessage.Current = message;
            await next.Send(context).ConfigureAwait(false);
            if (message.IsHandled)
                admission.Guards.Own?.Handle();
        }
        catch (Exception) when (message.Answer is not null)
        {
            await admission.Guards.AnswerAsync(context, message.Answer).ConfigureAwait(false);
        }
        catch (Exception exception) when (admission.IsByEndOfContainer(exception))
        {
            throw await admission.AbandonAsync(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.ReceiveContext.CancellationToken.IsCancellationRequested)
        {
            UnreadMessages.MarkRead(context.ReceiveContext);
            admission.Guards.Own?.DeadLetter(message.Key, exception);
            throw;
        }
        finally
        {
            message.GiveBackAll();
            message.EndTurn();
            message.BreakerKey?.Leave(hasRun: message.HasRun);
            admission.Count(context);
        }
    }

    public void Probe(ProbeContext context) =>
        context.CreateFilterScope("breakerAdmission").Add("breakers", string.Join(", ", admission.Guards.Breakers.Select(b => b.Name)));
}
