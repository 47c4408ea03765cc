using MassTransit;
using Messaging.Breaker;

namespace Worker;

public sealed record OrderPlaced(int Number);

[GuardedBy("payments")]
public sealed class ChargeOrderConsumer(Payments payments) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context)
    {
        payments.Charge(context.Message.Number);
        return Task.CompletedTask;
    }
}

public sealed class Payments
{
    readonly HashSet<int> _charged = [];
    volatile bool _isDown;

    public bool IsDown { get => _isDown; set => _isDown = value; }

    public int CallsWhileDown { get; private set; }

    public int Charged
    {
        get
        {
            lock (_charged)
                return _charged.Count;
        }
    }

    public void Charge(int number)
    {
        lock (_charged)
        {
            if (IsDown)
            {
                CallsWhileDown++;
                throw new HttpRequestException("payments is down");
            }

            _charged.Add(number);
        }
    }
}
