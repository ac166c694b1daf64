import { memoryAudienceStore } from '../../../functions/adapters/memory/audience-store';
import { memoryBudgetStore } from '../../../functions/adapters/memory/budget-store';
import { memoryChatRooms } from '../../../functions/adapters/memory/chat-rooms';
import { memoryWebhookStore } from '../../../functions/adapters/memory/webhook-store';
import { audienceStoreSuite } from '../../suites/audience-store';
import { budgetStoreSuite } from '../../suites/budget-store';
import { chatRoomsSuite } from '../../suites/chat-rooms';
import { webhookStoreSuite } from '../../suites/webhook-store';

webhookStoreSuite('memory', memoryWebhookStore);
budgetStoreSuite('memory', memoryBudgetStore);
audienceStoreSuite('memory', memoryAudienceStore);
chatRoomsSuite('memory', memoryChatRooms);
