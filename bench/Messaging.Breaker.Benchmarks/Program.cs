using Messaging.Breaker.Benchmarks.Growth;
using Messaging.Breaker.Benchmarks.Keys;
using Messaging.Breaker.Benchmarks.Load;
using Messaging.Breaker.Benchmarks.Micro;
using Messaging.Breaker.Benchmarks.Ramping;

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
    case "load":
        await LoadRun.RunAsync(quick);
        return 0;
    case "ramp":
        await RampRun.RunAsync();
        return 0;
    case "keys":
        await KeysRun.RunAsync(quick, args.SkipWhile(argument => argument != "--redis").Skip(1).FirstOrDefault());
        return 0;
    case "drain":
        await DrainRun.RunAsync(args, broker);
        return 0;
    case "all":
        await MicroRun.RunAsync(quick);
        await GrowthRun.RunAsync(quick, broker);
        return 0;
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- micro|growth|load|ramp|keys|drain|all [--quick] [--broker amqp://...]
              micro   nanoseconds and bytes of a message, beside other breakers; no broker needed
              growth  throughput, memory, time to pause and to stop, on RabbitMQ: the one at the address, or an installed one that is started
              load    the page with 10,000 breakers and 500 clients that do not read
              ramp    the ramp after a close against models of dependencies, simulated; no broker needed, a minute at most
              keys    10,000 keys of one breaker: memory, nanoseconds, and with --redis HOST:PORT what a store has to do while nothing happens;
                      the Redis must serve nothing else
              drain   how long a backlog takes after a recovery, beside a worker without a breaker:
                      [--work MS] [--prefetch N] [--messages N] [--pairs N] [--json]; without any of the first three all rows of the results page
              all     micro and growth
            Results are written to bench/results.
            """);
        return 2;
}
