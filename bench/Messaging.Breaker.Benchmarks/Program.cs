using Messaging.Breaker.Benchmarks.Growth;
using Messaging.Breaker.Benchmarks.Micro;

var quick = args.Contains("--quick");
var broker = args.SkipWhile(argument => argument != "--broker").Skip(1).FirstOrDefault();
switch (args.FirstOrDefault())
{
    case "micro":
        await MicroRun.RunAsync(quick);
        return 0;
    case "growth":
        await GrowthRun.RunAsync(quick, broker);
        return 0;
    case "all":
        await MicroRun.RunAsync(quick);
        await GrowthRun.RunAsync(quick, broker);
        return 0;
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- micro|growth|all [--quick] [--broker amqp://...]
              micro   nanoseconds and bytes of a message, beside other breakers; no broker needed
              growth  throughput, memory, time to pause and to drain, on RabbitMQ: the one at the address, or an installed one that is started
              all     both
            Results are written to bench/results.
            """);
        return 2;
}
