using MassTransit;
using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>Outermost, once per message: asks every guard for a permit before retry, outbox or a transaction begins.</summary>
sealed class AdmissionFilter(Admission admission) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var handling = admission.Guards.Begin(context);
        try
        {
            await admission.AdmitAsync(context, handling).ConfigureAwait(false);
            using var place = admission.Guards.Roster.Enter(handling);
            MessageHandling.Current = handling;
            await next.Send(context).ConfigureAwait(false);
        }
        catch (Exception) when (handling.Answer is not null)
        {
            await admission.Guards.AnswerAsync(context, handling.Answer).ConfigureAwait(false);
        }
        catch (Exception exception) when (admission.IsByEndOfContainer(exception))
        {
            throw await admission.AbandonAsync(context).ConfigureAwait(false);
        }
        finally
        {
            handling.GiveBackAll();
            admission.Count(context);
        }
    }

    public void Probe(ProbeContext context) =>
        context.CreateFilterScope("breakerAdmission").Add("breakers", string.Join(", ", admission.Guards.Breakers.Select(b => b.Name)));
}
