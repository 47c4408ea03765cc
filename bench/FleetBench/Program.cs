using System.Globalization;
using FleetBench;

// What sharing costs and how fast it is, on a Redis that serves nothing else:
//   FleetBench spread host:port             how long a transition takes to reach 50 instances
//   FleetBench idle host:port               what 100 breakers x 50 instances cost Redis when nothing happens
//   FleetBench handling host:port REDIS_PID how long messages take while Redis hangs, and while it does not
// Ends with 1 if a figure is beyond its limit. See docs/sharing.md.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    ["spread", var redis] => await Spread.MeasureAsync(redis),
    ["idle", var redis] => await Idle.MeasureAsync(redis),
    ["handling", var redis, var pid] => await Handling.MeasureAsync(redis, int.Parse(pid, CultureInfo.InvariantCulture)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: FleetBench spread|idle host:port, or FleetBench handling host:port REDIS_PID");
    return 2;
}
