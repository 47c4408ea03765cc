using System.CommandLine;
using SampleWorkers.Roles;
using SampleWorkers.Transport;

namespace SampleWorkers.CommandLine;

static class RoleArguments
{
    public static Command BuildWorker(OptionFactory options)
    {
        var broker = Broker(options);
        var payments = options.Create("--payments", "The payments service", ValueRules.HttpAddress, new Uri("http://127.0.0.1:5080"));
        var queueType = options.Create("--queue-type", "The type of the queues", ValueRules.OneOf(QueueType.Classic, QueueType.Quorum), QueueType.Classic);
        var prefetch = options.Create("--prefetch", "Orders at once", ValueRules.Number(1, 1_000), 32);
        var urls = options.Create("--urls", "Where /health is served; port 0 for a free one", ValueRules.HttpAddress, new Uri("http://127.0.0.1:0"));

        var command = new Command("worker", "Charges orders and sends receipts.") { broker, payments, queueType, prefetch, urls };
        command.SetAction((result, stop) => WorkerRole.RunAsync(
            result.GetValue(broker)!, result.GetValue(payments)!, result.GetValue(queueType), result.GetValue(prefetch), result.GetValue(urls)!, stop));
        return command;
    }

    public static Command BuildPayments(OptionFactory options)
    {
        var urls = options.Create("--urls", "Where it listens", ValueRules.HttpAddress, new Uri("http://127.0.0.1:5080"));
        var command = new Command("payments", "The payments service: POST /charges, PUT /mode, GET /figures, GET /health.") { urls };
        command.SetAction((result, stop) => PaymentsRole.RunAsync(result.GetValue(urls)!, stop));
        return command;
    }

    public static Command BuildProducer(OptionFactory options)
    {
        var broker = Broker(options);
        var rate = options.Create("--rate", "How many orders a second", ValueRules.Number(1, 10_000), 20);
        var messages = options.Create("--messages", "How many orders; without it, Ctrl+C ends it", ValueRules.OptionalNumber(1, 1_000_000_000), null);
        var command = new Command("producer", "Places orders at a steady rate.") { broker, rate, messages };
        command.SetAction((result, stop) => ProducerRole.RunAsync(
            result.GetValue(broker)!, result.GetValue(rate), result.GetValue(messages), stop));
        return command;
    }

    public static Command BuildHealth()
    {
        var address = new Argument<Uri>("address")
        {
            Description = $"The address of a /health: {ValueRules.HttpAddress.Allowed}",
            CustomParser = result => OptionFactory.Convert(result, "address", ValueRules.HttpAddress, result.Tokens[0].Value)!,
        };
        var command = new Command("health", "Asks a role for its health; exit code 0 if it is well. For container health checks.") { address };
        command.SetAction((result, stop) => HealthRole.RunAsync(result.GetValue(address)!, stop));
        return command;
    }

    static Option<BrokerAddress?> Broker(OptionFactory options) =>
        options.Create("--broker", "The RabbitMQ broker", ValueRules.Broker, BrokerAddress.Default);
}
