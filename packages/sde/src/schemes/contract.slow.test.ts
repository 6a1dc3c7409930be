/** The contract of all schemes with enough paths for weak orders on nonlinear equations. The whole table is printed by `npm run orders`. */
import { describe, expect, test } from 'vitest';
import { FALSE_ALARM_RATE, isHeld, measureOrders } from './fixtures/measureOrder.ts';
import { ORDER_ROWS } from './fixtures/orderRows.ts';

const THOROUGH = { levels: 6, paths: 150, seed: 4 } as const;
const rows = ORDER_ROWS.map((row) => ({ ...row, name: row.scheme.name, place: row.problem.name }));

// 20 batches of 150 paths; what an interval can tell is asserted by `isHeld` itself: half an order.
describe(`orders, each missed with probability ${FALSE_ALARM_RATE} though the scheme has it`, () => {
  test.each(rows)('$name has $order order $expected with $kind noise ($place), and not half an order less or more', (row) => {
    const measured = measureOrders(row.scheme, row.problem, { ...THOROUGH, coarsest: row.coarsest })[row.order];
    expect(measured.lost).toBe(0);
    expect(isHeld(measured, row.expected), JSON.stringify(measured)).toBe(true);
  });
});
