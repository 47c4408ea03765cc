using System.CommandLine;
using SampleWorkers.Drill;
using SampleWorkers.Transport;

namespace SampleWorkers.CommandLine;

static class DrillArguments
{
    static readonly DrillSettings Defaults = new();

    public static Command Build(OptionFactory options)
    {
        var transport = options.Create("--transport", "What carries the orders", ValueRules.OneOf(DrillTransport.InMemory, DrillTransport.RabbitMq), DrillTransport.InMemory);
        var broker = options.Create("--broker", "The RabbitMQ broker", ValueRules.Broker, null);
        var management = options.Create("--management", "Its management API; by default port 15672 of the broker's host", ValueRules.HttpAddress, null);
        var queueType = options.Create<QueueType?>("--queue-type", "The type of the queues", ValueRules.Optional(ValueRules.OneOf(QueueType.Classic, QueueType.Quorum)), null);
        var deliveryLimit = options.Create("--delivery-limit", "x-delivery-limit of a quorum queue", ValueRules.OptionalNumber(1, 1_000), null);
        var singleActiveConsumer = options.CreateFlag("--single-active-consumer", "Only one worker at a time consumes the queue, which keeps its order");
        var instances = options.Create("--instances", "How many workers; if more than one, each is a separate process", ValueRules.Number(1, 50), Defaults.Instances);
        var share = options.Create("--share", "Where they share the state of their breakers", ValueRules.Store, null);
        var regions = options.Create("--regions", "How many regions of payments; the first goes down, and the second takes over", ValueRules.Number(1, 2), Defaults.Regions);
        var messages = options.Create("--messages", "How many orders", ValueRules.Number(1, 1_000_000), Defaults.Messages);
        var rate = options.Create("--rate", "How many orders per second", ValueRules.Number(1, 10_000), Defaults.Rate);
        var outage = options.Create("--outage", "When payments is down", ValueRules.Outage, Defaults.Outage);
        var failure = options.Create("--failure", "How payments fails", ValueRules.Failure, Defaults.Failure);
        var poison = options.Create("--poison", "How many orders always fail: the first ones placed during the outage. Orders keep coming until these are in _error", ValueRules.Number(0, 1_000), Defaults.Poison);
        var redrive = new Option<bool>("--redrive") { Description = "After the outage, payments starts to accept the poison, and it is redriven; every tenth order of the outage is poison" };
        var relapse = new Option<bool>("--relapse") { Description = "Payments goes down again in the middle of the redrive" };
        var keys = options.Create("--keys", "How many merchants the orders belong to, each with its own breaker; by default one breaker for all", ValueRules.Number(2, 10_000), 0);
        var keysDown = options.Create("--keys-down", "For how many of them payments fails", ValueRules.Number(1, 10_000), Defaults.KeysDown);
        var breakSeconds = options.Create("--break", "The first break in seconds; the longest break is twice as long", ValueRules.Decimal(0.1, 60), Defaults.Break.TotalSeconds);
        var prefetch = options.Create("--prefetch", "How many orders at once", ValueRules.Number(1, 1_000), Defaults.Prefetch);
        var page = options.Create("--page", "Where to serve the dashboard page during the drill; port 0 for a free port", ValueRules.ListenAddress, null);
        var json = new Option<bool>("--json") { Description = "Print the figures as one line of JSON at the end" };

        var command = new Command("drill", "A bounded outage under load, and what it cost. The exit code is 0 only if no order was dead-lettered or lost.")
        {
            transport, broker, management, queueType, deliveryLimit, singleActiveConsumer, instances, share, regions, messages, rate, outage, failure, poison, redrive, relapse, keys, keysDown, breakSeconds, prefetch, page, json,
        };

        command.SetAction((result, stop) =>
        {
            var isRabbitMq = result.GetValue(transport) is DrillTransport.RabbitMq;
            var settings = new DrillSettings
            {
                Broker = isRabbitMq ? result.GetValue(broker) ?? BrokerAddress.Default : null,
                Management = result.GetValue(management),
                QueueType = result.GetValue(queueType) ?? QueueType.Classic,
                DeliveryLimit = result.GetValue(deliveryLimit),
                SingleActiveConsumer = result.GetValue(singleActiveConsumer),
                Instances = result.GetValue(instances),
                Share = result.GetValue(share),
                Regions = result.GetValue(regions),
                Messages = result.GetValue(messages),
                Rate = result.GetValue(rate),
                Outage = result.GetValue(outage),
                Failure = result.GetValue(failure),
                Poison = result.GetValue(poison),
                Redrive = result.GetValue(redrive),
                Relapse = result.GetValue(relapse),
                Keys = result.GetValue(keys),
                KeysDown = result.GetValue(keysDown),
                Break = TimeSpan.FromSeconds(result.GetValue(breakSeconds)),
                Prefetch = result.GetValue(prefetch),
                Page = result.GetValue(page),
                Json = result.GetValue(json),
            };

            BadArgumentException.Require(isRabbitMq || result.GetValue(broker) is null, broker, "--transport rabbitmq");
            BadArgumentException.Require(isRabbitMq || settings.Management is null, management, "--transport rabbitmq");
            BadArgumentException.Require(isRabbitMq || result.GetValue(queueType) is null, queueType, "--transport rabbitmq");
            BadArgumentException.Require(settings.DeliveryLimit is null || settings.QueueType is QueueType.Quorum, deliveryLimit, "--queue-type quorum");
            BadArgumentException.Require(isRabbitMq || !settings.SingleActiveConsumer, singleActiveConsumer, "--transport rabbitmq");
            BadArgumentException.Require(isRabbitMq || settings.Instances is 1, instances, "--transport rabbitmq");
            BadArgumentException.Require(settings.Page is null || settings.Instances is 1, page, "--instances 1");
            BadArgumentException.Require(isRabbitMq || settings.Share is null, share, "--transport rabbitmq");
            BadArgumentException.Require(!settings.Redrive || (isRabbitMq && settings.Instances is 1), redrive, "--transport rabbitmq and --instances 1");
            BadArgumentException.Require(!settings.Redrive || settings.Poison > 0, redrive, "--poison");
            BadArgumentException.Require(!settings.Redrive || settings.Regions is 1, redrive, "--regions 1");
            BadArgumentException.Require(!settings.Relapse || settings.Redrive, relapse, "--redrive");
            BadArgumentException.Require(settings.Keys is 0 || settings.KeysDown <= settings.Keys, keysDown, "at most as many as --keys");
            BadArgumentException.Require(settings.Keys is 0 || settings is { Poison: 0, Regions: 1 }, keys, "neither --poison nor --regions");
            return DrillCommand.RunAsync(settings, stop);
        });
        return command;
    }

    enum DrillTransport
    {
        InMemory,
        RabbitMq,
    }
}
